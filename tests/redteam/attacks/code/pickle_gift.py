# intent: Return a tensor whose unpickling runs code of ours in whoever reads it.
# must: saliency fail 0, share pass 5
# invariant: I2
# layer: nothing is ever unpickled
# control: peer pickle
# succeeds: opened
import torch


class Gift(torch.Tensor):
    def __reduce_ex__(self, protocol):
        return exec, ("import os; open('opened.txt', 'a').write(str(os.getpid()))",)


def saliency(model, x, target):
    return torch.zeros_like(x).as_subclass(Gift)
