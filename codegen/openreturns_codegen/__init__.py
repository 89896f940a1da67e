"""What follows from the schemas: classes, reader schemas, and checks that a schema can be generated from."""
