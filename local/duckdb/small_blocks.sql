-- Makes a database of small blocks: one that is there keeps its own.
ATTACH ${file} AS made (BLOCK_SIZE 16384)
