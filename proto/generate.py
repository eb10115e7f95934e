"""Assemble the google include folder (ignored by git) and generate `haidang.api` from `proto/`.

Google's protos are not committed: they come from the installed wheel
googleapis-common-protos. That wheel stores the long-running file as
`operations_proto.proto`, while its Python descriptor is named `operations.proto`.
"""

from __future__ import annotations

import filecmp
import shutil
import sys
import tempfile
from pathlib import Path

import grpc_tools
from google import longrunning
from grpc_tools import protoc

HERE = Path(__file__).parent
INCLUDES = HERE.parent / "build/proto-include"
OUTPUT = HERE.parent / "libs/core/src"
WANTED = (
    "api/annotations.proto",
    "api/client.proto",
    "api/field_behavior.proto",
    "api/http.proto",
    "api/launch_stage.proto",
    "rpc/error_details.proto",
    "rpc/status.proto",
    "longrunning/operations_proto.proto",
)


def assemble_includes(target: Path) -> None:
    """Copy the google protos we import into *target*, under their descriptors' names."""
    source = Path(next(iter(longrunning.__path__))).parent
    for name in WANTED:
        place = target / "google" / name.replace("operations_proto", "operations")
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / name, place)


def generate(output: Path) -> int:
    """Generate messages, stubs and type hints into *output*; 0 when it worked."""
    assemble_includes(INCLUDES)
    sources = sorted(str(path.relative_to(HERE)) for path in HERE.glob("haidang/**/*.proto"))
    scripts = Path(sys.executable).parent
    return int(
        protoc.main(
            [
                "protoc",
                f"-I{HERE}",
                f"-I{INCLUDES}",
                f"-I{Path(grpc_tools.__file__).parent / '_proto'}",
                f"--python_out={output}",
                f"--grpc_python_out={output}",
                f"--plugin=protoc-gen-mypy={scripts / 'protoc-gen-mypy'}",
                f"--plugin=protoc-gen-mypy_grpc={scripts / 'protoc-gen-mypy_grpc'}",
                f"--mypy_out={output}",
                f"--mypy_grpc_out={output}",
                *sources,
            ]
        )
    )


def differences(output: Path) -> list[str]:
    """Generated files that differ from the committed ones, or that only one side has."""
    committed, fresh = OUTPUT / "haidang/api", output / "haidang/api"
    names = {
        str(path.relative_to(folder))
        for folder in (committed, fresh)
        for path in folder.rglob("*_pb2*.py*")
        if path.suffix in {".py", ".pyi"}
    }
    return sorted(
        name
        for name in names
        if not (committed / name).is_file()
        or not (fresh / name).is_file()
        or not filecmp.cmp(committed / name, fresh / name, shallow=False)
    )


def main(arguments: list[str]) -> int:
    """Generate into the library, or with --check compare with what is committed."""
    if "--check" not in arguments:
        return generate(OUTPUT)
    with tempfile.TemporaryDirectory() as folder:
        code = generate(Path(folder))
        changed = differences(Path(folder))
    if changed:
        sys.stderr.write("generated code differs; run `make proto`: " + ", ".join(changed) + "\n")
    return code or bool(changed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
