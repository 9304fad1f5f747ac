"""Names of objects, which the local servers keep as paths: one that would lead out of its bucket is none of theirs."""

import re


def leads_out(name: bytes | str) -> bool:
    """Whether a name, taken for a path, could be a place beside its bucket, or be read as another name.

    That is one with a folder `.` or `..` in it, by either kind of slash; an absolute one; one with a line break or NUL,
    at which others cut it; and what is no UTF-8. It has to be decoded as often as the server decodes it.
    """
    try:
        text = name.decode() if isinstance(name, bytes) else name.encode().decode()
    except UnicodeError:
        return True
    parts = re.split(r"[/\\]", text)
    return text.startswith(("/", "\\")) or ".." in parts or "." in parts or bool(re.search(r"[\0\r\n]", text))
