"""OCPI 2.2.1 and 2.3.0 as pure rules: documents, objects, values, merging, charges."""
