"""What is public is listed, in order, and documented."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from types import ModuleType

import pytest

import kg

MODULES = sorted(info.name for info in pkgutil.walk_packages(kg.__path__, "kg.") if not info.name.endswith("__main__"))


@pytest.fixture(params=["kg", *MODULES])
def module(request: pytest.FixtureRequest) -> ModuleType:
    return importlib.import_module(request.param)


def test_all_is_sorted_and_true(module: ModuleType) -> None:
    names = getattr(module, "__all__", None)
    assert names is not None, f"{module.__name__} has no __all__"
    assert len(names) == len(set(names))
    assert all(hasattr(module, name) for name in names)
    constants_then_classes = sorted(names, key=lambda n: (not n.isupper(), not n[:1].isupper(), n))
    assert names in (sorted(names), constants_then_classes)


def test_every_public_definition_is_listed(module: ModuleType) -> None:
    defined = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(value) or inspect.isfunction(value))
        and value.__module__ == module.__name__
    }
    assert defined <= set(module.__all__)


def test_everything_public_is_documented(module: ModuleType) -> None:
    assert module.__doc__
    for name in module.__all__:
        value = getattr(module, name)
        if not (inspect.isclass(value) or inspect.isfunction(value)):
            continue
        assert value.__doc__, f"{module.__name__}.{name}"
        for method, code in vars(value).items() if inspect.isclass(value) else ():
            function = code.__func__ if isinstance(code, classmethod | staticmethod) else code
            if not method.startswith("_") and (inspect.isfunction(function) or isinstance(function, property)):
                assert function.__doc__, f"{module.__name__}.{name}.{method}"
