"""What the reader is known to misread within a line: put right where only one thing can be meant, else left out."""

import re

# A zero of money or of a percentage that was read as a letter, 'O zł'; 'or' in capitals has an amount after it.
_SIGN = r"(?:[€£%]|zł|kr|Kč|Ft|TL|RON|lei)"
_ZERO = re.compile(rf"(?<![\w.,$€£])O(?=\s?{_SIGN}(?![^\W\d_]|\s?\d))|(?<=[€£$₹])O(?![\w.,])")

# The zeros of an amount or a percentage beside other digits: '12o €', '$1,0oo', '2O%'.
_ZEROS = re.compile(
    rf"(?<![\w.,])\d[\doO.,]*[oO][\doO.,]*(?=\s?{_SIGN}(?![^\W\d_]|\s?\d))"
    r"|(?:(?<=[€£$₹])|(?<=[€£$₹]\s))\d[\doO.,]*[oO][\doO.,]*(?!\w)"
)

# A date whose dot was lost, '3112.2027' and '31.122027'.
_DAY, _MONTH, _YEAR = r"(0[1-9]|[12]\d|3[01])", r"(0[1-9]|1[0-2])", r"((?:19|20)\d\d)"
_DATE = re.compile(rf"(?<![\d.,]){_DAY}(?:{_MONTH}\.|\.{_MONTH}){_YEAR}(?![\d.,]*\d)")

# A space that was lost: '300 złpremii', but '5 złotych'.
_GLUED = re.compile(r"(?<=\d)(\s?zł)(?!o[tc])(?=[^\W\d_]{4})")

# The one of '2x1' that was read as a letter; '2XL' is a size.
_TIMES_ONE = re.compile(r"(?<![\w.,])([2-9]\s?[xX×]\s?)[I|](?![\w.,]*\w)")

# The ones of '1 + 1 gratis'.
_ONE = r"[1I|l]"
_PLUS_ONE = re.compile(rf"(?<![\w.,+])(?:{_ONE}(\s?\+\s?){_ONE}|([2-9]\s?\+\s?)[I|l])(?![\w.,+]*\w)")

# A code that ends with a letter after digits, 'FALL3O': nobody can tell whether it is a zero. 'SAVE10OFF' and 'H2O' are
# none.
_CODE = re.compile(r"(?<![^\W_])[A-Z]{2,}\d+O+\d*(?![^\W_])\s?")


def mended(text: str) -> str:
    """A line as it was printed, as far as that can be told; without codes of which it cannot."""
    dated = _DATE.sub(lambda date: f"{date[1]}.{date[2] or date[3]}.{date[4]}", text)
    spaced = _GLUED.sub(r"\1 ", dated)
    counted = _TIMES_ONE.sub(r"\g<1>1", spaced)
    added = _PLUS_ONE.sub(lambda sum_: f"{sum_[2]}1" if sum_[2] else f"1{sum_[1]}1", counted)
    whole = _ZEROS.sub(lambda number: number[0].replace("o", "0").replace("O", "0"), added)
    return _CODE.sub("", _ZERO.sub("0", whole)).rstrip()
