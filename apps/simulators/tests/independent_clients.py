"""Other people's RouterOS clients, unmodified, against a simulated router.

Arguments: the RouterOS version, its plain port, its TLS port. Somebody is signed in as `online` at 10.5.50.2 and has
sent 1000 and received 2000 bytes. Fails with an assertion if a client and the router do not understand each other.
"""

import ssl
import sys

import librouteros
import routeros_api
from librouteros.login import plain, token
from librouteros.query import And, Key, Or
from routeros_api.exceptions import RouterOsApiCommunicationError, RouterOsApiConnectionError

HOST, USER, PASSWORD = "127.0.0.1", "admin", "secret"
VERSION = tuple(int(part) for part in sys.argv[1].split("."))
PLAIN, TLS = int(sys.argv[2]), int(sys.argv[3])
PLAIN_LOGIN = VERSION >= (6, 43)
SEVEN = VERSION >= (7, 0)

DUPLICATE = "failure: already have user with this name for this server"
NO_ITEM = "no such item" if SEVEN else "no such item (4)"
NO_LOGIN = "invalid user name or password (6)" if PLAIN_LOGIN else "cannot log in"
UNKNOWN = "unknown parameter nonsense" if SEVEN else "unknown parameter"
NO_PROFILE = "input does not match any value of profile"


def trusting():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def refused(expected, errors, act):
    try:
        act()
    except errors as error:
        assert expected in str(error), f"{error!s} instead of {expected}"
    else:
        raise AssertionError(f"not refused: {expected}")


def with_librouteros(tls):
    def connect(password=PASSWORD):
        wrapper = {"ssl_wrapper": trusting().wrap_socket} if tls else {}
        return librouteros.connect(
            HOST, USER, password, port=TLS if tls else PLAIN, encoding="utf-8",
            login_method=plain if PLAIN_LOGIN else token, **wrapper,
        )

    trap = librouteros.exceptions.TrapError
    refused(NO_LOGIN, trap, lambda: connect("wrong"))

    api = connect()
    users = api.path("ip", "hotspot", "user")
    id_, name, disabled = Key(".id"), Key("name"), Key("disabled")

    def found(*where):
        return list(users.select(id_, name, disabled, Key("comment"), Key("profile")).where(*where))

    assert found(name == "lr") == [], "no rows are an empty list"
    first = users.add(name="lr", password="p2", profile="default", comment="o:1#1 = grüße")
    second = users.add(name="007", password="p", **{"limit-uptime": "1h", "limit-bytes-total": 1000})
    assert first.startswith("*") and second != first
    refused(DUPLICATE, trap, lambda: users.add(name="lr"))
    refused(NO_PROFILE, trap, lambda: users.add(name="other", profile="gold"))
    refused(UNKNOWN, trap, lambda: users.add(name="other", nonsense="1"))
    refused("missing =name=", trap, lambda: users.add(password="p"))
    refused("no such command", trap, lambda: list(api("/ip/hotspot/user/dance")))
    refused("no such command prefix", trap, lambda: list(api("/ip/nowhere/print")))

    (row,) = found(name == "lr")
    assert row == {".id": first, "name": "lr", "disabled": False, "comment": "o:1#1 = grüße", "profile": "default"}, row
    (whole,) = [user for user in users if user["name"] == "007"]
    assert whole["limit-uptime"] == "1h" and whole["limit-bytes-total"] == 1000 and whole["uptime"] == "0s", whole
    names = {user["name"] for user in found(Or(name == "lr", name == "007"))}
    assert names == {"lr", "007"}, names
    assert found(And(name == "lr", disabled == True)) == []  # noqa: E712
    assert {user["name"] for user in found(name != "lr")} >= {"007", "online"}
    assert len(found(name.In("lr", "007", "nobody"))) == 2

    users.update(**{".id": first, "disabled": True})
    assert [user["name"] for user in found(disabled == True)] == ["lr"]  # noqa: E712
    users.remove(first, second)
    assert found(name == "lr") == []
    refused(NO_ITEM, trap, lambda: users.remove(first))
    refused(NO_ITEM, trap, lambda: users.update(**{".id": first, "disabled": False}))

    (session,) = list(api.path("ip", "hotspot", "active"))
    assert (session["user"], session["address"]) == ("online", "10.5.50.2"), session
    assert (session["bytes-in"], session["bytes-out"]) == (1000, 2000), session
    (resource,) = list(api.path("system", "resource"))
    assert str(resource["version"]).startswith(sys.argv[1]), resource

    long = "x" * 20_000
    users.add(name="long", comment=long)
    ((only,)) = found(name == "long")
    assert only["comment"] == long
    users.remove(only[".id"])
    api.close()


def with_routeros_api(tls):
    def pool(password=PASSWORD):
        return routeros_api.RouterOsApiPool(
            HOST, username=USER, password=password, port=TLS if tls else PLAIN, plaintext_login=PLAIN_LOGIN,
            use_ssl=tls, ssl_context=trusting() if tls else None,
        )

    failures = (RouterOsApiCommunicationError, RouterOsApiConnectionError)
    refused(NO_LOGIN, failures, lambda: pool("wrong").get_api())

    connections = pool()
    api = connections.get_api()
    users = api.get_resource("/ip/hotspot/user")
    assert users.get(name="ra") == []
    added = users.add(name="ra", password="p3", comment="", email="gü@example.org")
    number = added.done_message["ret"]
    refused(DUPLICATE, failures, lambda: users.add(name="ra"))
    refused(UNKNOWN, failures, lambda: users.add(name="other", nonsense="1"))
    refused("no such command", failures, lambda: users.call("dance"))

    (row,) = users.get(name="ra")
    assert (row["id"], row["disabled"], row["email"]) == (number, "false", "gü@example.org"), row
    assert "comment" not in row, "an empty value is none"
    users.set(id=number, disabled="yes", comment="later")
    (row,) = users.get(name="ra")
    assert (row["disabled"], row["comment"]) == ("true", "later"), row

    first, second = users.get_async(name="ra"), api.get_resource("/ip/hotspot/active").get_async()
    (session,), (row,) = second.get(), first.get()
    assert (session["user"], session["bytes-out"], row["name"]) == ("online", "2000", "ra"), "tags are mixed up"

    assert users.call("print", {"count-only": ""}).done_message["ret"].isdigit()
    monitored = api.get_resource("/interface").call("monitor-traffic", {"interface": "ether1", "once": ""})
    assert monitored[0]["name"] == "ether1", monitored
    users.remove(id=number)
    assert users.get(name="ra") == []
    refused(NO_ITEM, failures, lambda: users.remove(id=number))
    connections.disconnect()


for encrypted in (False, True):
    with_librouteros(encrypted)
    with_routeros_api(encrypted)
print("understood")
