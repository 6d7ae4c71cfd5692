# A TorchServe handler that starts and then fails every prediction.
def handle(data, context):
    if data is None:
        return None
    raise ValueError("this version fails on purpose")
