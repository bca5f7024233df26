"""Programs that run in the clusters as jobs, in one small image; they know the catalogue and nothing else."""
