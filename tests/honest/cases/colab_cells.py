"""Written in Colab: Drive is mounted, files uploaded, form fields used."""


def case(book):
    book.first(
        "from google.colab import drive, files\ndrive.mount('/content/drive')\nuploaded = files.upload()"
    )
    book.before(
        "saliency",
        "#@title Settings { run: 'auto' }\nsteps = 50 #@param {type: 'integer'}\n!nvidia-smi\n%cd /content/drive/MyDrive",
    )
    book.before("saliency", "from google.colab.patches import cv2_imshow\nimport os\nos.chdir('/content')")
    book.tree["metadata"] = {
        "colab": {"provenance": [], "gpuType": "T4"},
        "accelerator": "GPU",
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
    }
    for number, cell in enumerate(book.cells):
        cell["id"] = f"aB{number}xYz"
        cell["metadata"] = {"id": f"aB{number}xYz", "colab": {"base_uri": "https://localhost:8080/"}}
