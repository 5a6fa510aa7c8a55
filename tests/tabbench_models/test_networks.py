"""Every network of numbers and codes: shapes, that it can learn by heart, and the odd tables."""

from __future__ import annotations

import importlib
import time

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.datasets import load_iris
from tabbench_models._attention import Attention
from tabbench_models._network_model import NetworkModel, Widths
from tabbench_models._network_trainer import private_torch

from tabbench.model import Categorical, Part, PreparedColumn
from tabbench.task import MULTICLASS, REGRESSION
from tabbench.testing.sample import cut, fit_on
from tabbench.testing.tables import RawTable

from .prepared import Table, rmse
from .test_every_model import NAMES, fitted, model_of

NETWORKS = [
    name for name in NAMES
    if issubclass(model_of(name), NetworkModel) and model_of(name).card.reads.categorical is Categorical.CODES
]  # fmt: skip
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


@pytest.mark.parametrize(
    "widths", [Widths(3, (4, 7), 1, 99), Widths(0, (4,), 3, 99), Widths(2, (), 5, 99), Widths(1, (2,), 1, 99)]
)
@pytest.mark.parametrize("name", NETWORKS)
def test_network_answers_every_kind_of_table(name: str, widths: Widths) -> None:
    answer = network_of(name, widths)(*inputs(widths))
    assert answer.shape == (6, widths.n_outputs)
    assert torch.all(torch.isfinite(answer))
    assert answer.std(dim=0).min() > 0  # it looks at its input


@pytest.mark.parametrize("widths", [Widths(60, (), 1, 500), Widths(30, (8,) * 30, 5, 500)])
@pytest.mark.parametrize("name", NETWORKS)
def test_an_untrained_network_predicts_near_the_mean(name: str, widths: Widths) -> None:
    numbers, codes = inputs(widths, 100)
    alike = (numbers / 2 + numbers[:, :1]).clamp(-4, 4)  # columns alike, as sizes are, add up
    with torch.no_grad():
        assert network_of(name, widths)(alike, codes).abs().max() < 2  # standard deviations of the target, or logits


@pytest.mark.parametrize("name", NETWORKS)
def test_every_parameter_is_trained(name: str) -> None:
    widths = Widths(3, (4, 7), 2, 40)
    network = network_of(name, widths).train()
    network(*inputs(widths, 40)).square().sum().backward()
    assert [n for n, p in network.named_parameters() if p.grad is None or not torch.any(p.grad != 0)] == []


def few_rows(n_rows: int = 16) -> Table:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(n_rows, 4)), columns=["x0", "x1", "x2", "x3"])
    part = Part(X.assign(x4=np.arange(n_rows) % 3 + 1), rng.normal(size=n_rows))
    columns = [*(PreparedColumn(name, False) for name in X), PreparedColumn("x4", True, n_levels=4)]
    return Table(part, part, part, tuple(columns), 0)


@pytest.mark.slow
def test_nam_of_many_columns_is_no_worse_than_the_mean_after_four_epochs() -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(400, 40)), columns=[f"x{i}" for i in range(40)])
    train, valid = (Part(X[rows], X[rows].mean(axis=1).to_numpy()) for rows in (slice(300), slice(300, None)))
    rows, model = Table(train, valid, valid, tuple(PreparedColumn(name, False) for name in X), 0), model_of("nam")()
    model.fit(train, valid, {**model.default, "n_units": 100}, rows.context(REGRESSION, max_steps=4))
    assert rmse(valid.y, model.predict(valid.X)) < np.std(valid.y)


@pytest.mark.slow
def test_the_slow_rate_of_tab_transformer_is_given_the_epochs_that_it_needs() -> None:
    values, labels = load_iris(return_X_y=True)
    X = pd.DataFrame((values - values.mean(axis=0)) / values.std(axis=0), columns=[f"x{i}" for i in range(4)])
    train, valid = (Part(X[rows], labels[rows]) for rows in (slice(0, None, 2), slice(1, None, 2)))
    rows = Table(train, valid, valid, tuple(PreparedColumn(name, False) for name in X), 3)
    model = model_of("tab_transformer")()
    training = model.fit(train, valid, dict(model.default), rows.context(MULTICLASS, max_steps=None))
    assert training is not None
    assert training.best_step > 200


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in NETWORKS if name != "nam"])  # it is a sum of columns
def test_sixteen_rows_are_learned_by_heart(name: str) -> None:
    silent = {key: 0.0 for key in model_of(name).default if "dropout" in key} | {"learning_rate": 1e-2}
    kind = model_of(name)
    rows, model = few_rows(), kind()
    model.fit(rows.train, None, {**kind.default, **kind.card.smoke, **silent}, rows.context(REGRESSION, n_steps=150))
    assert rmse(rows.train.y, model.predict(rows.train.X)) < 0.2 * np.std(rows.train.y)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_smoke_configuration_fits_a_thousand_rows_within_a_minute_of_one_core(name: str) -> None:
    rng = np.random.default_rng(0)
    X = pd.DataFrame(rng.normal(size=(1250, 20)), columns=[f"x{i}" for i in range(20)])
    kinds = {"x18": pd.Categorical(rng.integers(0, 9, 1250)), "x19": pd.Categorical(rng.integers(0, 3, 1250))}
    y = X["x0"].to_numpy() + 2.0 * (kinds["x19"] == 1) + rng.normal(size=1250)
    cuts = [np.arange(1000), np.arange(1000, 1250), np.arange(1000, 1250)]
    sample = cut(RawTable(REGRESSION, X.assign(**kinds), y, 0), model_of(name).card.reads, cuts, max_steps=None)
    started = time.process_time()
    model = fit_on(model_of(name), sample).model
    assert time.process_time() - started < 60
    assert rmse(sample.test.y, model.predict(sample.test.X)) < np.std(sample.test.y)


@pytest.mark.parametrize("name", NETWORKS)
def test_what_is_missing_in_prediction_alone_is_predicted(name: str) -> None:
    model, rows = fitted(name, MULTICLASS, max_steps=3)
    X = rows.test.X.assign(x4=np.zeros(len(rows.test.y), dtype=np.int64))
    assert np.allclose(model.predict(X).sum(axis=1), 1)


def pairs_one_by_one(network: torch.nn.Module, numbers: torch.Tensor, codes: torch.Tensor) -> torch.Tensor:
    """The double sum of equation 2 of the DeepFM paper."""
    vectors = [numbers[:, [i]] * network.number_vectors[i] for i in range(numbers.shape[1])]  # type: ignore[index]
    vectors += list(network.code_vectors(codes).unbind(dim=1))  # type: ignore[operator]
    pairs = [(a * b).sum(dim=1) for i, a in enumerate(vectors) for b in vectors[i + 1 :]]
    return torch.stack(pairs).sum(dim=0)


def test_factorisation_machine_of_deepfm_is_the_sum_over_pairs() -> None:
    widths = Widths(3, (4, 7), 1)
    network, (numbers, codes) = network_of("deepfm", widths), inputs(widths)
    with torch.no_grad():
        for parameter in network.get_submodule("deep").parameters():
            parameter.zero_()
        network.get_parameter("number_vectors").mul_(100)  # far above the tolerance
        network.get_parameter("number_weights").zero_()
        network.get_parameter("code_weights.table.weight").zero_()
    assert torch.allclose(network(numbers, codes)[:, 0], pairs_one_by_one(network, numbers, codes), atol=1e-6)


@pytest.mark.parametrize("units", ["exu", "relu"])
def test_nam_is_a_sum_of_functions_of_one_column_each(units: str) -> None:
    widths = Widths(3, (4,), 2)
    network, (numbers, codes) = network_of("nam", widths, units=units), inputs(widths)
    moved = numbers.clone()
    moved[:, 1] += 0.7
    change = network(moved, codes) - network(numbers, codes)
    elsewhere = torch.cat([torch.randn(6, 1), numbers[:, 1:2], torch.randn(6, 1)], dim=1)
    moved_elsewhere = elsewhere.clone()
    moved_elsewhere[:, 1] += 0.7
    again = network(moved_elsewhere, codes.flip(0)) - network(elsewhere, codes.flip(0))
    assert torch.allclose(change, again, atol=1e-5)
    assert change.abs().max() > 1e-3


def test_nam_pays_for_the_mean_square_of_its_parts() -> None:
    widths = Widths(3, (4,), 1)
    network, (numbers, codes) = network_of("nam", widths, output_penalty=0.5, dropout=0.0), inputs(widths)
    parts = network.contributions(numbers, codes)  # type: ignore[operator]
    network.train()(numbers, codes)
    assert network.penalty().item() == pytest.approx(0.5 * parts.square().mean().item())  # type: ignore[operator]
    assert network.penalty().item() == 0  # type: ignore[operator]


def test_exu_unit_follows_its_formula() -> None:
    network, numbers = network_of("nam", Widths(2, (), 1), units="exu").get_submodule("shapes"), torch.rand(5, 2)
    seen: list[torch.Tensor] = []
    network.get_submodule("dropout").register_forward_hook(lambda _m, given, _out: seen.append(given[0]))
    network(numbers)
    weight, center = network.weight[1].exp(), network.center[1]  # type: ignore[index, operator]
    assert torch.allclose(seen[0][1], torch.clamp(weight * (numbers[:, [1]] - center), 0, 1))


@pytest.mark.parametrize(("d_head", "has_bias"), [(None, True), (4, False)])
def test_attention_is_torchs(d_head: int | None, has_bias: bool) -> None:
    torch_attention = torch.nn.MultiheadAttention(8, 2, batch_first=True, bias=has_bias)
    with private_torch(3, 1, "cpu"):
        ours = Attention(8, 2, 0.0, d_head, has_bias)
    with torch.no_grad():
        torch_attention.in_proj_weight.copy_(torch.cat([ours.query.weight, ours.key.weight, ours.value.weight]))
        torch_attention.out_proj.weight.copy_(ours.out.weight)
        ours.out.bias.zero_()
    x = torch.randn(3, 5, 8)
    expected, _ = torch_attention(x[:, :2], x, x)
    assert torch.allclose(ours(x, x[:, :2]), expected, atol=1e-6)


def test_saint_compares_rows_and_the_others_do_not() -> None:
    widths = Widths(3, (4,), 1, 99)
    saint, (numbers, codes) = network_of("saint", widths), inputs(widths)
    changed = numbers.clone()
    changed[-1] += 5.0
    assert not torch.allclose(saint(numbers, codes)[0], saint(changed, codes)[0], atol=1e-4)
    for name in ROWWISE:
        network = network_of(name, widths)
        assert torch.allclose(network(numbers, codes)[0], network(changed, codes)[0], atol=1e-6)


def test_saint_does_not_mind_the_order_of_the_rows_it_compares() -> None:
    widths = Widths(3, (4,), 1)
    network, (numbers, codes) = network_of("saint", widths), inputs(widths)
    backwards = network(numbers.flip(0), codes.flip(0)).flip(0)
    assert torch.allclose(network(numbers, codes), backwards, atol=1e-5)


def test_rows_that_lie_together_in_a_table_are_apart_in_saints_batches() -> None:
    model, rows = fitted("saint", REGRESSION, max_steps=1)
    batches: list[torch.Tensor] = []
    assert isinstance(model, NetworkModel)
    model.trained.register_forward_pre_hook(lambda _module, given: batches.append(given[0]))
    few = pd.concat([rows.test.X] * 20, ignore_index=True)
    number = next(column.name for column in rows.columns if not column.is_categorical)
    few[number] = np.arange(len(few)) >= len(few) / 2  # a table sorted by this column
    model.predict(few.astype({number: "float64"}))
    assert len(batches) > 1
    assert all(0.3 < batch[:, 0].mean() < 0.7 for batch in batches)


def test_saint_answers_in_the_order_of_the_rows() -> None:
    model, rows = fitted("saint", REGRESSION, max_steps=5)
    X, backwards = rows.test.X, rows.test.X.iloc[::-1]  # one batch, in which the order does not count
    assert model.predict(X) == pytest.approx(model.predict(backwards)[::-1], rel=1e-5)
    assert np.std(model.predict(X)) > 0.01


def test_saint_is_made_narrow_on_wide_tables_as_its_authors_do() -> None:
    assert network_of("saint", Widths(100, (), 1)).predict_rows == 256
    wide = network_of("saint", Widths(101, (), 1))
    assert (wide.predict_rows, wide.cls.shape[-1]) == (64, 4)  # type: ignore[union-attr, index]


def test_tab_transformer_does_not_mind_the_order_of_its_categories_before_its_head() -> None:
    widths = Widths(0, (5, 5, 5), 1)
    network, (numbers, codes) = network_of("tab_transformer", widths), inputs(widths)
    heard: list[torch.Tensor] = []
    network.get_submodule("blocks").register_forward_hook(lambda _m, _given, out: heard.append(out))
    network(numbers, codes)
    with torch.no_grad():
        network.columns.copy_(network.columns.flip(0))  # type: ignore[union-attr, operator]
        table = network.get_submodule("levels.table").weight
        table.copy_(table.reshape(3, 5, -1).flip(0).reshape(15, -1))  # type: ignore[operator]
    network(numbers, codes.flip(1))
    assert torch.allclose(heard[0].flip(1), heard[1], atol=1e-5)


def test_a_code_that_train_never_showed_is_zeros_to_the_mlp() -> None:
    widths = Widths(n_numbers=2, levels=(4, 20), n_outputs=3)
    network, (numbers, codes) = network_of("mlp", widths), inputs(widths)
    heard: list[torch.Tensor] = []
    network.get_submodule("blocks").register_forward_pre_hook(lambda _m, given: heard.append(given[0]))
    network(numbers, torch.zeros_like(codes))
    network(numbers, torch.ones_like(codes))
    assert torch.all(heard[0][:, 2:] == 0)
    assert torch.all(heard[1][:, 2:] != 0)


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
