"""Addresses that anyone may open."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from certificates.views import public


class GsrnConverter(StringConverter):
    """A plant's 18 digits."""

    regex = "[0-9]{18}"


class NumberConverter(StringConverter):
    """A number small enough for the database."""

    regex = "[0-9]{1,12}"

    def to_python(self, value: str) -> int:  # type: ignore[override]
        return int(value)


class TokenIdConverter(StringConverter):
    """An asset's number as ERC-1155 writes it: 64 hexadecimal digits, lower case."""

    regex = "[0-9a-f]{64}"


register_converter(TokenIdConverter, "tokenid")
register_converter(GsrnConverter, "gsrn")
register_converter(NumberConverter, "number")

urlpatterns = [
    path("certificates/<gsrn:gsrn>/<number:number>/", public.certificate, name="certificate"),
    path("plants/<gsrn:gsrn>/", public.plant, name="plant"),
    path("blocks/<number:height>/", public.block, name="block"),
    path("assets/<tokenid:number>.json", public.asset, name="asset"),
    path("totals/", public.totals, name="totals"),
]
