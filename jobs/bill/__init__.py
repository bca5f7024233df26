"""The alarm on China's spending: Alibaba Cloud's bill of the month so far, held against the budget once a day."""
