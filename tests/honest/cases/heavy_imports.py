"""Many libraries are imported and never used, most of them absent while work is graded."""


def case(book):
    names = "tensorflow keras transformers cv2 seaborn plotly.express xgboost lightgbm captum.attr shap lime numba jax"
    book.before("saliency", "\n".join(f"import {name}" for name in names.split()))
    book.write(
        "saliency",
        "import seaborn as sns\nimport torchvision.transforms as T\nfrom captum.attr import Saliency\n"
        + book.source("saliency"),
    )
    book.edit(
        "setup",
        "import torch\n",
        "import torch\nimport torchvision, numpy.linalg\nfrom tensorflow import keras\n",
    )
