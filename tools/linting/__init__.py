"""The checks behind tools/lint. Each module has one subject and yields findings; none of them knows an exemption."""
