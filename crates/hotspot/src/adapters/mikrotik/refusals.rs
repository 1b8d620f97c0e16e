//! What RouterOS's words mean to the portal. They are texts for people and differ between versions, hence the
//! looking for parts of them; what is not known is passed on as it is.

use routeros_api::{CommandError, Trap};

use crate::ports::RouterError;

/// The meaning of a command that did not end well.
pub(super) fn read(error: CommandError) -> RouterError {
    match error {
        CommandError::NotSent(why) => RouterError::Unreachable(why.to_string()),
        CommandError::Lost(_) | CommandError::TimedOut => RouterError::Timeout,
        CommandError::TooLarge => RouterError::Refused(error.to_string()),
        CommandError::Refused { trap, .. } => meaning(trap),
    }
}

fn meaning(trap: Trap) -> RouterError {
    let text = trap.message.to_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| text.contains(part));
    if says(&["already have user with this name"]) {
        RouterError::AlreadyExists
    } else if text.starts_with("no such item") {
        RouterError::NoSuchUser
    } else if says(&["not enough permissions", "not permitted", "not logged in"]) {
        // The account is let in for too little; its rights are put right at the router.
        RouterError::LoginRefused(trap.message)
    } else if says(&[
        "no more room",
        "no room",
        "not enough space",
        "no space left",
        "out of memory",
        "maximum",
    ]) || says(&["limit reached", "license"])
    {
        RouterError::Full(trap.message)
    } else if trap.category == Some(Trap::INTERRUPTED) || says(&["timed out", "timeout (13)", "interrupted"])
    {
        RouterError::Timeout
    } else {
        RouterError::Refused(trap.message)
    }
}

/// Whether a command was refused since the item that it names is not there.
pub(super) fn is_no_such_item(error: &CommandError) -> bool {
    says(error, "no such item")
}

/// Whether a command was refused since there is already what it would add.
pub(super) fn is_already_there(error: &CommandError) -> bool {
    says(error, "already have") || says(error, "already exists")
}

/// Whether a command was refused since the profile that it names is not there.
pub(super) fn is_no_such_profile(error: &CommandError) -> bool {
    says(error, "does not match any value of profile")
}

fn says(error: &CommandError, part: &str) -> bool {
    matches!(error, CommandError::Refused { trap, .. } if trap.message.to_lowercase().contains(part))
}

#[cfg(test)]
mod tests {
    use routeros_api::{CommandError, ConnectionEnd, NotSent, Trap};

    use super::{is_already_there, is_no_such_profile, read};
    use crate::ports::RouterError;

    fn refused(message: &str, category: Option<u32>) -> CommandError {
        CommandError::Refused { trap: Trap { message: message.to_owned(), category }, others: Vec::new() }
    }

    #[test]
    fn the_routers_words_are_understood() {
        let login = |text: &str| RouterError::LoginRefused(text.to_owned());
        for (text, meaning) in [
            ("failure: already have user with this name for this server", RouterError::AlreadyExists),
            ("no such item", RouterError::NoSuchUser),
            ("no such item (4)", RouterError::NoSuchUser),
            ("not enough permissions (9)", login("not enough permissions (9)")),
            ("failure: no more room", RouterError::Full("failure: no more room".to_owned())),
            ("action timed out - try again, if error continues contact", RouterError::Timeout),
            ("no such command prefix", RouterError::Refused("no such command prefix".to_owned())),
            ("", RouterError::Refused(String::new())),
        ] {
            assert_eq!(read(refused(text, None)), meaning, "{text}");
        }
        assert_eq!(read(refused("", Some(Trap::INTERRUPTED))), RouterError::Timeout);
        assert!(is_already_there(&refused("failure: entry already exists", None)));
        assert!(is_no_such_profile(&refused("input does not match any value of profile", Some(1))));
    }

    #[test]
    fn only_what_was_certainly_not_sent_is_unreachable() {
        let not_sent = read(CommandError::NotSent(NotSent::Ended(ConnectionEnd::Closed)));
        assert!(matches!(not_sent, RouterError::Unreachable(_)));
        assert_eq!(read(CommandError::Lost(ConnectionEnd::Closed)), RouterError::Timeout);
        assert_eq!(read(CommandError::TimedOut), RouterError::Timeout);
    }
}
