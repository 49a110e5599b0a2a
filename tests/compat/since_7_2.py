"""What Redis 7.2 changed: differences from an oracle of 7.0 that are right. The version decides whether they are
asked for at all."""

# Commands and subcommands that 7.0 does not know.
NEW = {b"client no-touch", b"client setinfo"}
# Reading from a group makes the consumer, an event and a propagated command since 7.2, whatever else it finds, and
# XINFO tells more: what 7.0 does with streams is another state after the first such command. Digests are of scores as
# they are written.
LEFT_OUT = ("xadd", "xtrim", "xdel", "xread", "xgroup", "xreadgroup", "xack", "xclaim", "xautoclaim", "xpending",
            "xsetid", "xinfo", "{streamkey}", "digest-value {zkey}", "digest-value {geokey}", "(zrank|zrevrank)")


def templates_before(templates: list[str]) -> list[str]:
    """ZRANK with a word more (WITHSCORE) would let a transaction fail."""
    return [line for line in templates if not any(word in line for word in LEFT_OUT)]


def right_reply(command: list[bytes], expected=(None, None), got=(None, None)) -> bool:
    words = [word.lower() for word in command]
    if b" ".join(words[:2]) in NEW:
        return True
    if words[:2] == [b"config", b"set"]:
        return b"set-max-listpack" in words[2] if len(words) > 2 else False
    if words[:2] == [b"object", b"encoding"]:
        # Small lists and sets are listpacks.
        return got[1] == b"listpack" and expected[1] in (b"quicklist", b"hashtable", b"intset")
    if words[0] == b"lpos" and expected[0] == got[0] == "-":
        return True  # RANK has a range, which is checked first
    return same_numbers(expected, got)


def same_numbers(expected, got) -> bool:
    """7.0 writes a double with 17 digits, 7.2 with as many as it needs."""
    kind, content = expected
    if kind != got[0]:
        return False
    if isinstance(content, list) and isinstance(got[1], list):
        return len(content) == len(got[1]) and all(map(same_numbers, content, got[1]))
    return content == got[1] or as_double(content) is not None and as_double(content) == as_double(got[1])


def as_double(text) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None


def as_before(effects: list[tuple]) -> list[tuple]:
    """Without what 7.0 notifies for writes too, and as it rewrites."""
    return [rewritten(effect) for effect in effects if effect[2] != b"keymiss"]


def rewritten(effect: tuple) -> tuple:
    """7.2 propagates SET with PXAT as it was given; 7.0 left its other options away."""
    words = [word.lower() for word in effect[5:]]
    if effect[0] == b"P" and effect[2].lower() == b"set" and b"pxat" in words:
        at = 5 + words.index(b"pxat")
        return (*effect[:2], b"SET", *effect[3:5], b"PXAT", effect[at + 1])
    return effect
