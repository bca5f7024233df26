"""Components on Alibaba Cloud: Beijing."""
