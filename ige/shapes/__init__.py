"""Shapes: sources of meshes, shape sets, voxel models, their training and evaluation stages."""
