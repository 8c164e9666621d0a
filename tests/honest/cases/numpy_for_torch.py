"""Functions return numpy arrays and Python floats in the place of tensors."""


def case(book):
    for name in ("saliency", "gradient_times_input", "integrated_gradients"):
        book.write(
            name,
            book.source(name)
            .replace("return torch.stack(maps)", "return torch.stack(maps).numpy()")
            .replace("return result", "return result.numpy()")
            .replace("return out", "return out.numpy()"),
        )
    book.edit(
        "completeness_gap",
        '{"gap": torch.stack(gaps), "relative": torch.stack(relatives)}',
        '{"gap": torch.stack(gaps).numpy(), "relative": torch.stack(relatives).numpy()}',
    )
