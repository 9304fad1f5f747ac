"""What writes files of this repository from its code: schemas, requirements, the diagram."""
