"""The door to sqlfluff and to sqlglot's parser. Everything here runs inside a worker."""
