"""The one place that says which differences do not count, and why."""

import math

# Times differ by what passes between the two servers' executions, which may be stopped meanwhile; the times that are
# given lie further apart.
TIME_TOLERANCE_MS = 200_000
TIME_REPLIES = {b"ttl": 200, b"pttl": 200_000, b"expiretime": 200, b"pexpiretime": 200_000}
TIME_REPLIES |= {b"h" + name: tolerance for name, tolerance in TIME_REPLIES.items()}
# Sets without an order.
UNORDERED = {b"keys", b"scan", b"zscan", b"sscan", b"hscan", b"smembers", b"sinter", b"sunion", b"sdiff", b"spop",
             b"hgetall", b"hkeys", b"hvals"}
# These delete the overdue keys that they meet.
WALKS = {b"keys", b"scan"}
# OBJECT REFCOUNT: Redis shares small integers, unless it happened to make one by itself (COPY). In a transaction it
# also counts the arguments that are queued. (OBJECT IDLETIME is the other integer.)
SHARED_OR_NOT = {b"1", b"2147483647"}
# What comes is a matter of chance, how many is not.
RANDOM = {b"zrandmember", b"srandmember", b"hrandfield"}
# Facts about the server rather than the data.
IGNORED = {b"command", b"hello"}


def name_of(command: list[bytes]) -> bytes:
    return command[0].lower() if command else b""


# SORT of Redis looks at errno without having cleared it: when some number before overflowed, by whatever command, it
# says so of numbers that are none the worse.
STALE_ERROR = ("-", b"ERR One or more scores can't be converted into double")


def as_integer(text: bytes) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def is_number(reply) -> bool:
    """As strtod reads it: up to a NUL, and nothing at all is 0."""
    try:
        return not math.isnan(float(reply[1].split(b"\0")[0] or b"0"))
    except ValueError:
        return False


def close(left: bytes, right: bytes, tolerance: int) -> bool:
    a, b = as_integer(left), as_integer(right)
    return a is not None and b is not None and a > 0 and b > 0 and abs(a - b) <= tolerance


def same_reply(command: list[bytes], expected, got, queued: bool = False) -> bool:
    """queued: as part of a transaction."""
    name = name_of(command)
    if expected == got or (name in IGNORED and expected[0] == got[0]):
        return True
    if name == b"client" and len(command) > 1 and command[1].lower() == b"id":
        return expected[0] == got[0]
    if name in RANDOM and expected[0] == got[0] != "-":
        return queued or expected[0] != "*" or len(expected[1]) == len(got[1])
    if name in TIME_REPLIES and expected[0] == got[0] == ":":
        return close(expected[1], got[1], TIME_REPLIES[name])
    if name in TIME_REPLIES and expected[0] == got[0] == "*" and len(expected[1]) == len(got[1]):
        return all(a == b or close(a[1], b[1], TIME_REPLIES[name]) for a, b in zip(expected[1], got[1]))
    if name in (b"xinfo", b"xpending"):
        return without_times(name, expected) == without_times(name, got)
    if is_stale(command, expected, got):
        return all(is_number(element) for element in got[1][::2 if b"get" in command else 1])
    if name == b"object" and expected[0] == got[0] == "*":
        return True  # HELP: our own sentences
    if name == b"object" and expected[0] == got[0] == ":":
        return queued or {expected[1], got[1]} == SHARED_OR_NOT
    return name in UNORDERED and sorted_reply(expected) == sorted_reply(got)


def is_stale(command: list[bytes], expected, got) -> bool:
    return name_of(command) == b"sort" and expected == STALE_ERROR and got[0] == "*"


def without_misses(effects: list[tuple]) -> list[tuple]:
    """SORT that failed did not look at what GET names."""
    return [effect for effect in effects if effect[2] != b"keymiss"]


def without_times(name: bytes, reply):
    """XINFO tells times, XPENDING how long each entry has been idle: [id, consumer, idle, deliveries]."""
    kind, content = reply
    if not isinstance(content, list):
        time_told = kind == ":" and (as_integer(content) or 0) > 10**12
        return (kind, b"time" if time_told else content)
    parts = [without_times(name, part) for part in content]
    if name == b"xpending" and len(parts) == 4 and parts[2][0] == ":":
        parts[2] = (":", b"idle")
    return (kind, parts)


def sorted_reply(reply):
    kind, content = reply
    if isinstance(content, list):
        return (kind, sorted((sorted_reply(item) for item in content), key=repr))
    return reply


def walks(batch: list[list[bytes]]) -> bool:
    """KEYS and SCAN delete the overdue keys that they meet, in the order of the table."""
    return any(name_of(command) in WALKS for command in batch)


def canonical(effect: tuple) -> tuple:
    """So that equal effects sort alike."""
    if effect[0] != b"P":
        return effect
    database = b"-" if name_of(effect[2:]) in (b"multi", b"exec") else effect[1]
    words = [b"time" if len(word) > 12 and as_integer(word) else word.lower() if len(word) <= 8 else word
             for word in effect[2:]]
    return (effect[0], database, *words)


def same_effect(expected: tuple, got: tuple) -> bool:
    if expected == got:
        return True
    if not expected[0] == got[0] == b"P":
        return False
    # Redis does not select a database for MULTI and EXEC.
    same_database = expected[1] == got[1] or name_of(expected[2:]) in (b"multi", b"exec")
    return same_database and same_words(expected[2:], got[2:])


def same_words(expected: list[bytes], got: list[bytes]) -> bool:
    """Propagated commands: absolute times in milliseconds may differ a little, and names have any case."""
    if len(expected) != len(got) or name_of(expected) != name_of(got):
        return False
    return all(a == b or a.lower() == b.lower() and len(a) <= 8 or close(a, b, TIME_TOLERANCE_MS) and len(a) > 12
               for a, b in zip(expected[1:], got[1:]))
