"""Every network of numbers and codes: shapes, that it can learn by heart, and the odd tables."""

from __future__ import annotations

import importlib

import numpy as np
import pandas as pd
import pytest
import torch
from tabbench_models._network_model import NetworkModel, Widths
from tabbench_models._network_trainer import private_torch

from tabbench.model import Part, PreparedColumn
from tabbench.task import MULTICLASS, REGRESSION

from .prepared import Table, rmse
from .test_every_model import NAMES, fitted, model_of

NETWORKS = [name for name in NAMES if issubclass(model_of(name), NetworkModel)]
ROWWISE = [name for name in NETWORKS if not model_of(name).card.is_transductive]


def network_of(name: str, widths: Widths, **params: object) -> torch.nn.Module:
    model: NetworkModel = importlib.import_module(f"tabbench_models.{name}").MODEL()
    with private_torch(3, 1, "cpu"):
        return model.network(widths, {**model_of(name).default, **model_of(name).card.smoke, **params}).eval()


def inputs(widths: Widths, n_rows: int = 6) -> tuple[torch.Tensor, torch.Tensor]:
    chance = torch.Generator().manual_seed(1)
    codes = [torch.randint(0, n, (n_rows, 1), generator=chance) for n in widths.levels]
    return torch.randn(n_rows, widths.n_numbers, generator=chance), torch.cat(
        [torch.zeros(n_rows, 0, dtype=torch.int64), *codes], dim=1
    )


@pytest.mark.parametrize("widths", [Widths(3, (4, 7), 1), Widths(0, (4,), 3), Widths(2, (), 5), Widths(1, (2,), 1)])
@pytest.mark.parametrize("name", NETWORKS)
def test_network_answers_every_kind_of_table(name: str, widths: Widths) -> None:
    answer = network_of(name, widths)(*inputs(widths))
    assert answer.shape == (6, widths.n_outputs)
    assert torch.all(torch.isfinite(answer))
    assert answer.std(dim=0).min() > 0  # it looks at its input


@pytest.mark.parametrize("name", NETWORKS)
def test_every_parameter_is_trained(name: str) -> None:
    widths = Widths(3, (4, 7), 2)
    network = network_of(name, widths).train()
    network(*inputs(widths, 40)).square().sum().backward()
    assert [n for n, p in network.named_parameters() if p.grad is None or not torch.any(p.grad != 0)] == []


@pytest.mark.parametrize("name", ROWWISE)
def test_order_of_rows_does_not_matter(name: str) -> None:
    widths = Widths(3, (4,), 2)
    network, (numbers, codes) = network_of(name, widths), inputs(widths)
    backwards = network(numbers.flip(0), codes.flip(0)).flip(0)
    assert torch.allclose(network(numbers, codes), backwards, atol=1e-5)


def few_rows(n_rows: int = 16) -> Table:
    rng = np.random.default_rng(0)
    X = pd.DataFrame({"x0": rng.normal(size=n_rows), "x1": rng.normal(size=n_rows), "x2": np.arange(n_rows) % 3 + 1})
    part = Part(X, rng.normal(size=n_rows))
    columns = PreparedColumn("x0", False), PreparedColumn("x1", False), PreparedColumn("x2", True, n_levels=4)
    return Table(part, part, part, columns, 0)


@pytest.mark.parametrize("name", ["mlp_rtdl", "resnet", "ft_transformer"])
def test_sixteen_rows_are_learned_by_heart(name: str) -> None:
    silent = {key: 0.0 for key in model_of(name).default if "dropout" in key} | {"learning_rate": 3e-3}
    kind = model_of(name)
    rows, model = few_rows(), kind()
    model.fit(rows.train, None, {**kind.default, **kind.card.smoke, **silent}, rows.context(REGRESSION, n_steps=400))
    assert rmse(rows.train.y, model.predict(rows.train.X)) < 0.1 * np.std(rows.train.y)


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_missing_in_prediction_alone_is_predicted(name: str) -> None:
    model, rows = fitted(name, MULTICLASS, max_steps=3)
    X = rows.test.X.assign(x4=np.zeros(len(rows.test.y), dtype=np.int64))
    assert np.allclose(model.predict(X).sum(axis=1), 1)


def n_parameters(network: torch.nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


HOUSES = Widths(n_numbers=8, levels=(), n_outputs=1)


def test_sizes_are_those_of_the_published_runs() -> None:
    """`n_parameters` of seed 0 in output/california_housing of the authors' repository, for what they tuned to."""
    from tabbench_models._mlp_rtdl_net import RtdlMLPNetwork

    assert n_parameters(RtdlMLPNetwork(HOUSES, [510, 263, 363], 8, 0.2)) == 235_179
    resnet = {"n_blocks": 3, "d_block": 168, "hidden_factor": 2.98304144273798}
    assert n_parameters(network_of("resnet", HOUSES, **resnet)) == 510_040
    ftt = {"n_blocks": 3, "d_block": 192, "ffn_factor": 1.333333333333333}
    assert n_parameters(network_of("ft_transformer", HOUSES, **ftt)) == 893_179


def test_ft_transformer_does_not_mind_the_order_of_columns() -> None:
    widths = Widths(3, (4, 4), 2)
    network, (numbers, codes) = network_of("ft_transformer", widths, n_blocks=2), inputs(widths)
    before = network(numbers, codes)
    tokenizer = network.get_submodule("tokenizer")
    with torch.no_grad():
        tokenizer.weight[1:] = tokenizer.weight[1:].flip(0)  # type: ignore[index]
        tokenizer.bias[:3] = tokenizer.bias[:3].flip(0)  # type: ignore[index]
    assert torch.allclose(network(numbers.flip(1), codes), before, atol=1e-5)
    assert not torch.allclose(network(numbers, codes), before, atol=1e-2)


def copied(theirs: torch.nn.Module, ours: torch.nn.Module, names: dict[str, str]) -> None:
    """Give the reference our weights; `names` maps parts of its names to ours."""
    state = ours.state_dict()
    for name, tensor in theirs.state_dict().items():
        found = name
        for part, other in names.items():
            found = found.replace(part, other)
        tensor.copy_(state[found].reshape(tensor.shape))


def test_resnet_equals_the_authors_package() -> None:
    rtdl = pytest.importorskip("rtdl_revisiting_models", reason="a reference, not needed to run")
    ours = network_of("resnet", HOUSES, n_blocks=2)
    theirs = rtdl.ResNet(d_in=8, d_out=1, n_blocks=2, d_block=64, d_hidden=64, d_hidden_multiplier=None,
                         dropout1=0.0, dropout2=0.0).eval()  # fmt: skip
    names = {"input_projection": "body.0", "output.normalization": "body.3", "output.linear": "body.5"} | {
        f"blocks.{i}.{theirs_}": f"body.{i + 1}.inside.{ours_}"
        for i in range(2)
        for theirs_, ours_ in (("normalization", 0), ("linear1", 1), ("linear2", 4))
    }
    copied(theirs, ours, names)
    numbers, codes = inputs(HOUSES)
    assert torch.allclose(ours(numbers, codes), theirs(numbers), atol=1e-6)


def test_ft_transformer_equals_the_authors_package() -> None:
    rtdl = pytest.importorskip("rtdl_revisiting_models", reason="a reference, not needed to run")
    widths = Widths(3, (4, 7), 2)
    ours = network_of("ft_transformer", widths, n_blocks=2)
    theirs = rtdl.FTTransformer(
        n_cont_features=3, cat_cardinalities=[4, 7], d_out=2, n_blocks=2, d_block=32, attention_n_heads=8,
        attention_dropout=0.0, ffn_d_hidden=None, ffn_d_hidden_multiplier=4 / 3, ffn_dropout=0.0, residual_dropout=0.0,
    ).eval()  # fmt: skip
    state = ours.state_dict()
    given = {
        "cls_embedding.weight": state["tokenizer.weight"][0],
        "cont_embeddings.weight": state["tokenizer.weight"][1:],
        "cont_embeddings.bias": state["tokenizer.bias"][:3],
    }
    parts = {
        "backbone.blocks": "blocks", "backbone.output.normalization": "head.0", "backbone.output.linear": "head.2",
        "attention.W_q": "attention.query", "attention.W_k": "attention.key", "attention.W_v": "attention.value",
        "attention.W_out": "attention.out", "attention_normalization": "attention_norm",
        "ffn_normalization": "ffn_norm", "ffn.linear1": "widen", "ffn.linear2": "narrow",
    }  # fmt: skip
    starts = {"cat_embeddings.embeddings.0": (0, 4), "cat_embeddings.embeddings.1": (4, 11)}
    for name, tensor in theirs.state_dict().items():
        ours_name = name
        for part, other in parts.items():
            ours_name = ours_name.replace(part, other)
        if name.startswith("cat_embeddings"):
            vectors = state["tokenizer.embedding.table.weight"] if "bias" not in name else state["tokenizer.bias"][3:]
            cut = starts.get(name.rsplit(".", 1)[0])
            tensor.copy_(vectors if cut is None else vectors[slice(*cut)])
        else:
            tensor.copy_(given[name].reshape(tensor.shape) if name in given else state[ours_name])
    numbers, codes = inputs(widths)
    assert torch.allclose(ours(numbers, codes), theirs(numbers, codes), atol=1e-5)
