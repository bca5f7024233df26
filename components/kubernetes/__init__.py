"""Components inside a Kubernetes cluster, whichever cloud it runs on."""
