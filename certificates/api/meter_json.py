"""Readings as a JSON body, kept like a file that was sent."""

import json
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, DataAndFiles

from certificates.domain.formats.json_readings import LARGEST
from certificates.errors import UploadTooLarge


class MeterJsonParser(BaseParser):
    """Takes a JSON body for what it is: a meter file, byte for byte, with its own `dry_run`
    and `again`."""

    media_type = "application/json"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> DataAndFiles:
        """Raises: ParseError, UploadTooLarge."""
        content = stream.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise UploadTooLarge(f"JSON above {LARGEST >> 20} MB is not read. Send less at once.")
        try:
            body = json.loads(content, parse_float=str, parse_int=str)
        except (ValueError, RecursionError) as error:
            raise ParseError("The body is no JSON.") from error
        fields = QueryDict(mutable=True)
        for name in ("dry_run", "again"):
            if isinstance(body, dict) and name in body:
                fields[name] = json.dumps(body[name])
        file = SimpleUploadedFile("readings.json", content, "application/json")
        return DataAndFiles(fields, MultiValueDict({"file": [file]}))
