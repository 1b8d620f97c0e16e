//! What commands do and answer, without a wire.

use kernel::Timestamp;
use routeros_api::Sentence;

use super::Answer;
use crate::routeros::router::Router;
use crate::routeros::version::Version;

fn router(version: Version) -> Router {
    Router::new(version, "MikroTik", Timestamp::from_timestamp(1_700_000_000, 0).unwrap())
}

/// The words of each sentence of the answer, or the text of the refusal.
fn run(router: &mut Router, words: &[&str]) -> Result<Vec<Vec<String>>, String> {
    let sentence = words.iter().fold(Sentence::new(), Sentence::word);
    match router.execute(&sentence) {
        Ok(Answer::Said(said)) => Ok(said
            .iter()
            .map(|sentence| sentence.words().map(|word| String::from_utf8_lossy(word).into_owned()).collect())
            .collect()),
        Ok(other) => panic!("{other:?}"),
        Err(trap) => Err(trap.message(router.version)),
    }
}

fn add(router: &mut Router, name: &str, more: &[&str]) -> String {
    let name = format!("=name={name}");
    let words: Vec<&str> = ["/ip/hotspot/user/add", &name].into_iter().chain(more.iter().copied()).collect();
    let said = run(router, &words).unwrap();
    said[0][1].strip_prefix("=ret=").unwrap().to_owned()
}

fn names(router: &mut Router, queries: &[&str]) -> Vec<String> {
    let words: Vec<&str> =
        ["/ip/hotspot/user/print", "=.proplist=name"].into_iter().chain(queries.iter().copied()).collect();
    let said = run(router, &words).unwrap();
    let rows = said.iter().filter(|words| words[0] == "!re");
    rows.map(|words| words[1].strip_prefix("=name=").unwrap().to_owned()).collect()
}

#[test]
fn a_user_is_printed_as_a_router_prints_it() {
    let mut router = router(Version::V7_18);
    assert_eq!(add(&mut router, "amina", &["=password=p", "=limit-uptime=3600", "=comment="]), "*1");
    let said = run(&mut router, &["/ip/hotspot/user/print", "?name=amina"]).unwrap();
    let row = "!re =.id=*1 =name=amina =password=p =profile=default =limit-uptime=1h =uptime=0s =bytes-in=0 \
               =bytes-out=0 =packets-in=0 =packets-out=0 =dynamic=false =disabled=false";
    assert_eq!(said[0].join(" "), row);
    assert_eq!(said[1], ["!done"]);
}

#[test]
fn a_print_without_rows_says_empty_from_7_18_on() {
    let words = ["/ip/hotspot/user/print", "?name=nobody"];
    assert_eq!(run(&mut router(Version::V7_18), &words).unwrap(), [["!empty"], ["!done"]]);
    assert_eq!(run(&mut router(Version::V7_9), &words).unwrap(), [["!done"]]);
}

#[test]
fn queries_choose_rows_and_typed_values_are_compared_as_such() {
    let mut router = router(Version::V7_18);
    add(&mut router, "short", &["=limit-uptime=50m", "=limit-bytes-total=900"]);
    add(&mut router, "long", &["=limit-uptime=2h", "=limit-bytes-total=1G", "=disabled=yes"]);
    for (queries, expected) in [
        (&["?>limit-uptime=1h"][..], &["long"][..]),
        (&["?<limit-uptime=01:00:00"], &["short"]),
        (&["?>limit-bytes-total=10000"], &["long"]),
        (&["?disabled=yes"], &["long"]),
        (&["?disabled=no", "?-comment"], &["short"]),
        (&["?name=short", "?name=long", "?#|"], &["short", "long"]),
        (&["?limit-uptime", "?name=long", "?#!&"], &["short"]),
        (&["?.id=*2"], &["long"]),
        (&["?nonsense=1"], &[]),
    ] {
        assert_eq!(names(&mut router, queries), expected, "{queries:?}");
    }
    let counted = run(&mut router, &["/ip/hotspot/user/print", "=count-only", "?limit-uptime"]).unwrap();
    assert_eq!(counted, [["!done", "=ret=2"]]);
    let counted = run(&mut router, &["/ip/hotspot/user/print", "count-only"]).unwrap();
    assert_eq!(counted, [["!done", "=ret=3"]], "a bare word counts, and the trial user is one");
}

#[test]
fn refusals_are_in_the_routers_words() {
    let mut seven = router(Version::V7_18);
    let mut six = router(Version::V6_42);
    for router in [&mut seven, &mut six] {
        add(router, "amina", &[]);
    }
    for (words, of_seven, of_six) in [
        (&["/ip/nowhere/print"][..], "no such command prefix", "no such command prefix"),
        (&["nonsense"], "no such command prefix", "no such command prefix"),
        (&["/ip/hotspot/user/dance"], "no such command", "no such command"),
        (&["/system/resource/set", "=cpu=x"], "no such command", "no such command"),
        (&["/ip/hotspot/user/remove", "=.id=*FF"], "no such item", "no such item (4)"),
        (&["/ip/hotspot/user/remove", "=.id=*1,*FF"], "no such item", "no such item (4)"),
        (&["/ip/hotspot/user/remove", "=.id=joel"], "no such item", "no such item (4)"),
        (&["/ip/hotspot/user/add", "=name=x", "=size=1"], "unknown parameter size", "unknown parameter"),
        (&["/ip/hotspot/user/add", "=name=x", "=uptime=1s"], "unknown parameter uptime", "unknown parameter"),
        (&["/ip/hotspot/user/print", "=size=1"], "unknown parameter size", "unknown parameter"),
        (&["/ip/hotspot/user/add", "=password=x"], "missing =name=", "missing =name="),
        (
            &["/ip/hotspot/user/add", "=name=amina"],
            "failure: already have user with this name for this server",
            "failure: already have user with this name for this server",
        ),
        (
            &["/ip/hotspot/user/add", "=name=x", "=profile=gold"],
            "input does not match any value of profile",
            "input does not match any value of profile",
        ),
        (
            &["/ip/hotspot/user/add", "=name=x", "=disabled=maybe"],
            "invalid value for argument disabled",
            "invalid value for argument disabled",
        ),
        (
            &["/ip/hotspot/user/add", "=name=x", "=limit-uptime=soon"],
            "invalid time value for argument limit-uptime",
            "invalid time value for argument limit-uptime",
        ),
    ] {
        assert_eq!(run(&mut seven, words), Err(of_seven.to_owned()), "{words:?}");
        assert_eq!(run(&mut six, words), Err(of_six.to_owned()), "{words:?}");
    }
    assert_eq!(names(&mut seven, &["?name=amina"]), ["amina"], "a refused command changes nothing");
}

#[test]
fn a_change_without_an_item_is_refused_since_7_11_and_did_nothing_before() {
    let words = ["/ip/hotspot/user/set", "=disabled=yes"];
    assert_eq!(run(&mut router(Version::V7_18), &words), Err("missing =.id=".to_owned()));
    let mut before = router(Version::V7_9);
    assert_eq!(run(&mut before, &words).unwrap(), [["!done"]]);
    assert!(names(&mut before, &["?disabled=yes"]).is_empty());
}

#[test]
fn items_are_changed_one_by_one_or_together_by_id_or_name() {
    let mut router = router(Version::V7_18);
    for name in ["one", "two", "three"] {
        add(&mut router, name, &["=comment=c"]);
    }
    run(&mut router, &["/ip/hotspot/user/set", "=.id=*1,*2", "=disabled=yes", "=comment="]).unwrap();
    assert_eq!(names(&mut router, &["?disabled=true", "?-comment"]), ["one", "two"]);
    run(&mut router, &["/ip/hotspot/user/enable", "=numbers=one"]).unwrap();
    run(&mut router, &["/ip/hotspot/user/unset", "=.id=*3", "=value-name=comment"]).unwrap();
    assert_eq!(names(&mut router, &["?disabled=true"]), ["two"]);
    assert!(names(&mut router, &["?comment=c"]).is_empty());
    let renamed = run(&mut router, &["/ip/hotspot/user/set", "=.id=*1", "=name=two"]);
    assert_eq!(renamed, Err("failure: already have user with this name for this server".to_owned()));
    run(&mut router, &["/ip/hotspot/user/remove", "=.id=*1,*2,*3"]).unwrap();
    assert_eq!(names(&mut router, &[]), ["default-trial"]);
    assert_eq!(add(&mut router, "four", &[]), "*4", "ids are not used twice");
}

#[test]
fn one_name_is_free_on_each_server() {
    let mut router = router(Version::V7_18);
    add(&mut router, "amina", &["=server=hotspot1"]);
    add(&mut router, "amina", &["=server=all"]);
    let again = run(&mut router, &["/ip/hotspot/user/add", "=name=amina"]);
    again.unwrap_err();
}

#[test]
fn a_full_router_takes_no_more_users() {
    let mut router = router(Version::V7_18);
    router.room = Some(2);
    add(&mut router, "amina", &[]);
    let refused = run(&mut router, &["/ip/hotspot/user/add", "=name=joel"]);
    assert_eq!(refused, Err("failure: not enough disk space".to_owned()));
    run(&mut router, &["/ip/hotspot/user/remove", "=.id=amina"]).unwrap();
    add(&mut router, "joel", &[]);
}

#[test]
fn what_the_router_comes_with_stays() {
    let mut router = router(Version::V7_18);
    for words in
        [["/ip/hotspot/user/remove", "=.id=default-trial"], ["/ip/hotspot/user/profile/remove", "=.id=*0"]]
    {
        run(&mut router, &words).unwrap_err();
    }
}

#[test]
fn text_in_another_encoding_comes_back_as_it_was_given() {
    let mut router = router(Version::V7_18);
    let add = Sentence::of("/ip/hotspot/user/add").with("name", b"g\xFC");
    router.execute(&add).unwrap();
    let Ok(Answer::Said(said)) =
        router.execute(&Sentence::of("/ip/hotspot/user/print").matching("name", b"g\xFC"))
    else {
        panic!("no answer");
    };
    assert_eq!(said[0].get("name"), Some(&b"g\xFC"[..]));
}

#[test]
fn blocks_walled_garden_and_queues_are_kept_in_their_order() {
    let mut router = router(Version::V7_9);
    for words in [
        &["/ip/firewall/address-list/add", "=list=blocked", "=address=192.0.2.7"][..],
        &["/ip/hotspot/walled-garden/add", "=dst-host=*.bank.example", "=action=deny"],
        &["/ip/hotspot/walled-garden/add", "=dst-host=a.example", "=place-before=*1"],
        &["/queue/simple/add", "=target=10.5.50.2", "=max-limit=1M/2M"],
    ] {
        run(&mut router, words).unwrap();
    }
    let twice = run(&mut router, &["/ip/firewall/address-list/add", "=list=blocked", "=address=192.0.2.7"]);
    assert_eq!(twice, Err("failure: already have such entry".to_owned()));
    let list = run(&mut router, &["/ip/firewall/address-list/print", "=.proplist=creation-time"]).unwrap();
    assert_eq!(list[0][1], "=creation-time=nov/14/2023 22:13:20");
    let garden =
        run(&mut router, &["/ip/hotspot/walled-garden/print", "=.proplist=dst-host,action"]).unwrap();
    assert_eq!(garden[0], ["!re", "=dst-host=a.example", "=action=allow"]);
    assert_eq!(garden[1], ["!re", "=dst-host=*.bank.example", "=action=deny"]);
    let queue = run(&mut router, &["/queue/simple/print", "=.proplist=name,target,max-limit"]).unwrap();
    assert_eq!(queue[0], ["!re", "=name=queue1", "=target=10.5.50.2/32", "=max-limit=1000000/2000000"]);
}

#[test]
fn the_router_tells_of_itself() {
    let mut router = router(Version::V7_18);
    run(&mut router, &["/system/identity/set", "=name=Kigali 1"]).unwrap();
    let identity = run(&mut router, &["/system/identity/print"]).unwrap();
    assert_eq!(identity[0], ["!re", "=name=Kigali 1"]);
    let clock = run(&mut router, &["/system/clock/print", "=.proplist=date,time"]).unwrap();
    assert_eq!(clock[0], ["!re", "=date=2023-11-14", "=time=22:13:20"]);
    let resource = run(&mut router, &["/system/resource/print", "=.proplist=uptime,version"]).unwrap();
    assert_eq!(resource[0], ["!re", "=uptime=0s", "=version=7.18 (stable)"]);
    let interfaces = run(&mut router, &["/interface/print", "=.proplist=name,type,running"]).unwrap();
    assert_eq!(interfaces[2], ["!re", "=name=bridge-hotspot", "=type=bridge", "=running=true"]);
}
