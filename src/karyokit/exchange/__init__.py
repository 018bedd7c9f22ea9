"""Files that leave the program: COCO annotations, tables, pictures of single chromosomes, overlays."""
