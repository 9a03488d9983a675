"""Validates a payment file on standard input against the schema that sepaxml ships.

The first argument names the message, such as pain.001.001.09. Ends with 0 when it is valid, and with 1 and the first
complaints on standard output when it is not.
"""

import pathlib
import sys

import sepaxml
from lxml import etree

schemas = pathlib.Path(sepaxml.__file__).parent / "schemas"
schema = etree.XMLSchema(etree.parse(schemas / f"{sys.argv[1]}.xsd"))
document = etree.parse(sys.stdin.buffer, etree.XMLParser(resolve_entities=False, no_network=True))
if not schema.validate(document):
    for complaint in list(schema.error_log)[:5]:
        print(f"line {complaint.line}: {complaint.message}")
    sys.exit(1)
