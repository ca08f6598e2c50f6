"""Build contexts on disk: the Dockerfile and the files of an image; what `--template-only` leaves."""

import os
import shutil
import stat
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath

from kollage import bootstrap, epochs, graph, releases, render
from kollage.catalogue import Catalogue
from kollage.contents import ContextFile
from kollage.errors import UsageError
from kollage.image import Image
from kollage.options import Options
from kollage.render import Rendered

_FOLDER = 0o755


def dockerfile(catalogue: Catalogue, options: Options, name: str) -> str:
    """The rendered Dockerfile of one image."""
    return _rendered(catalogue, options, (catalogue.images[name],))[name].dockerfile


def _rendered(catalogue: Catalogue, options: Options, images: Sequence[Image]) -> Mapping[str, Rendered]:
    """The images as they are known without an engine."""
    if all(image.whole for image in images):
        return render.rendered(images, catalogue, options, base_image="", release=None)
    release = releases.load_release(options.release, releases.folder_of(catalogue.root))
    stands_on = bootstrap.expected(options, epoch=epochs.current(release.epoch, options))
    return render.rendered(images, catalogue, options, base_image=stands_on, release=release)


def write_templates(catalogue: Catalogue, options: Options) -> Path:
    """Write the build contexts of the chosen images, without the archives of sources, and say where."""
    chosen = graph.resolve(catalogue, options)
    contexts = (options.work_dir or Path(tempfile.mkdtemp(prefix="kollage-"))) / "docker"
    claim(contexts)
    rendered = _rendered(catalogue, options, chosen.taken())
    _write_tree(catalogue, rendered, contexts)
    return contexts


def _write_tree(catalogue: Catalogue, rendered: Mapping[str, Rendered], contexts: Path) -> None:
    """Write what rendering gave for each image, and the files of the catalogue's tree that belong to no image.

    Contexts of images that are not among them, from an earlier run, go.
    """
    for name, image in catalogue.images.items():
        if name in rendered:
            write_rendered(rendered[name], contexts / image.place)
        else:
            shutil.rmtree(contexts / image.place, ignore_errors=True)
            (contexts / image.place).parent.mkdir(parents=True, exist_ok=True)
    if any(image.whole for image in catalogue.images.values()):
        for name in _shared_files(catalogue):
            target = contexts / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(catalogue.tree[name].path, target)


def _shared_files(catalogue: Catalogue) -> list[str]:
    """The files of the tree that lie in no image's folder."""
    places = {image.place for image in catalogue.images.values()}
    return [name for name in catalogue.tree if places.isdisjoint(map(str, PurePosixPath(name).parents))]


def write_rendered(rendered: Rendered, folder: Path) -> None:
    """Write what rendering gave, with the same modes on every machine; an earlier context there is replaced."""
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    files = (*rendered.files, ContextFile(path="Dockerfile", content=rendered.dockerfile.encode()))
    places = {place for file in files for place in PurePosixPath(file.path).parents}
    for place in sorted(places | set(map(PurePosixPath, rendered.empty_folders))):
        (folder / place).mkdir(mode=_FOLDER)
        _set_mode(folder / place, _FOLDER)
    for file in files:
        descriptor = os.open(folder / file.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, file.mode)
        with open(descriptor, "wb", buffering=0) as opened:  # noqa: PTH123 - what was opened has no path
            opened.write(file.content)
            _set_mode(descriptor, file.mode)


def _set_mode(target: Path | int, mode: int) -> None:
    """Give a file or folder its mode where this process's mask has taken some of it.

    A whole tree has a thousand of them, and with a file system on a disk a change costs much more than a look.
    """
    if stat.S_IMODE(os.stat(target).st_mode) != mode:  # noqa: PTH116 - a descriptor has no path
        os.chmod(target, mode)  # noqa: PTH101


def claim(contexts: Path) -> None:
    """Mark the folder of the build contexts as one where what lies there may be replaced."""
    marker = contexts / ".kollage"
    try:
        if contexts.is_dir() and any(contexts.iterdir()) and not marker.is_file():
            raise UsageError(
                f"{contexts} holds something that is not ours",
                hint="name another folder with --work-dir, or empty this one if Kolla worked in it",
            )
        contexts.mkdir(parents=True, exist_ok=True)
        marker.write_text("build contexts; each run replaces those it makes\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"the folder {contexts} cannot be used: {error.strerror}", hint="name another with --work-dir"
        ) from error
