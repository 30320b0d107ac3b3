"""Files as texts: UTF-8 with or without a byte-order mark, UTF-16 with one, or cp1252, compressed with gzip or not."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from pathlib import Path
from typing import Final

from kg.errors import ParseError

__all__ = ["read_text"]

_FOREIGN: Final = (
    (b"PK\x03\x04", "is a ZIP archive: unpack it and name the table in it"),
    (b"\xd0\xcf\x11\xe0", "is an Excel workbook: save the sheet as CSV"),
    (b"RDX", "is an R data file: write the table as CSV"),
    (b"X\n\0\0\0", "is an R data file: write the table as CSV"),
)
"""How files begin that hold a table and are none."""

_CONTROL: Final = re.compile("[\\x00-\\x08\\x0b\\x0e-\\x1f\\x7f]")


def read_text(path: Path) -> str:
    """The text of a file, in whatever encoding, compressed with gzip or not.

    Args:
        path: the file.

    Raises:
        ParseError: it cannot be read, is no text, is cut within a character, or is of two encodings; with the line.
    """
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as fault:
        raise ParseError(str(path), f"cannot be read: {getattr(fault, 'strerror', None) or fault}") from fault
    for magic, message in _FOREIGN:
        if data.startswith(magic):
            if b"xl/workbook.xml" in data:
                message = "is an Excel workbook: save the sheet as CSV"
            raise ParseError(str(path), message)
    text = _decoded(path, data)
    if odd := _CONTROL.search(text):
        line = text.count("\n", 0, odd.start()) + 1
        raise ParseError(str(path), f"has the control character U+{ord(odd[0]):04X} in it; is it a text?", line)
    if text.count("\r") > text.count("\n"):
        # A carriage return alone ends lines in what some spreadsheets save "for Macintosh".
        return text.replace("\r\n", "\n").replace("\r", "\n")
    return text


def _decoded(path: Path, data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16")
        except UnicodeDecodeError as fault:
            line = data[: fault.start].decode("utf-16", "ignore").count("\n") + 1
            raise ParseError(str(path), "begins as UTF-16 and is cut or damaged here", line) from fault
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        whole = data[: fault.start]
        # Read as cp1252, a file that was cut within a character would have other characters throughout.
        if fault.reason == "unexpected end of data" and not whole.isascii():
            raise ParseError(str(path), "ends within a character: it was cut", whole.count(b"\n") + 1) from fault
    try:
        text = data.decode("cp1252")
    except UnicodeDecodeError as fault:
        line = data[: fault.start].count(b"\n") + 1
        raise ParseError(str(path), "is neither UTF-8 nor cp1252; save it as UTF-8", line) from fault
    # In a file of cp1252 hardly any two characters beyond ASCII happen to be one of UTF-8.
    if any("\x7f" < character < "\udc80" for character in data.decode("utf-8", "surrogateescape")):
        message = "is UTF-8, and something else here: parts of two files? Save all of it as UTF-8"
        raise ParseError(str(path), message, whole.count(b"\n") + 1)
    return text
