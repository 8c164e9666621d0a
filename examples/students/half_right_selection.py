"""Half right: layers are replaced cumulatively and in order, but only their weights, not their biases."""
OTHERWISE = "perfect_vectorised"

# %% cascading_randomisation
def cascading_randomisation(model, x, target, layers, new_params, explain):
    """..."""
    work = copy.deepcopy(model)
    results = [explain(work, x, target)]
    for layer in layers:
        touched = 0
        for name, weight in work.named_parameters():
            if not name.startswith(layer + "."):
                continue
            touched += 1
            if name.endswith("weight"):
                if name not in new_params:
                    raise ValueError("missing: " + name)
                with torch.no_grad():
                    weight.copy_(new_params[name])
        if touched == 0:
            raise ValueError("no such layer: " + layer)
        results.append(explain(work, x, target))
    return torch.stack(results)
