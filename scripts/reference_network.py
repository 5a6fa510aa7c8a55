"""Train the published network, of a package or as it was described, by a loop that shares no line with ours.

Only the table's parts are shared: inputs are scikit-learn's normal quantiles, fitted on train; batches of 256, AdamW,
patience 16 on the valid RMSE, as in the authors' runs.
"""

from __future__ import annotations

import copy
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor, nn

    from tabbench.model import Params, Part
    from tabbench.task import Array

BATCH_ROWS, PATIENCE, MOST_EPOCHS = 256, 16, 500


def _resnet(n_columns: int, params: Params) -> nn.Module:
    import rtdl_revisiting_models as rtdl

    network: nn.Module = rtdl.ResNet(
        d_in=n_columns, d_out=1, n_blocks=params["n_blocks"], d_block=params["d_block"],
        d_hidden=None, d_hidden_multiplier=params["hidden_factor"],
        dropout1=params["hidden_dropout"], dropout2=params["residual_dropout"],
    )  # fmt: skip
    return network


def _ft_transformer(n_columns: int, params: Params) -> nn.Module:
    import rtdl_revisiting_models as rtdl

    network: nn.Module = rtdl.FTTransformer(
        n_cont_features=n_columns, cat_cardinalities=[], d_out=1, n_blocks=params["n_blocks"],
        d_block=params["d_block"], attention_n_heads=8, attention_dropout=params["attention_dropout"],
        ffn_d_hidden=None, ffn_d_hidden_multiplier=params["ffn_factor"], ffn_dropout=params["ffn_dropout"],
        residual_dropout=params["residual_dropout"],
    )  # fmt: skip
    return network


def _deepfm(n_columns: int, params: Params) -> nn.Module:
    """As Borisov et al. (2022) ran it: numbers have no vectors and pass by the factorisation machine."""
    from torch import nn

    class LineAndLayers(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.line = nn.Linear(n_columns, 1)
            widths = [n_columns, 256, 128]
            blocks = [
                nn.Sequential(nn.Linear(n_in, n_out), nn.ReLU(), nn.Dropout(params["dropout"]))
                for n_in, n_out in pairwise(widths)
            ]
            self.layers = nn.Sequential(*blocks, nn.Linear(widths[-1], 1))

        def forward(self, x: Tensor) -> Tensor:
            out: Tensor = self.line(x) + self.layers(x)
            return out

    return LineAndLayers()


REFERENCES = {"deepfm": _deepfm, "ft_transformer": _ft_transformer, "resnet": _resnet}
"""Our name: makes the published network; the last two are of the authors' package `rtdl_revisiting_models`."""


def _groups(network: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """The package's own groups where it has them: biases, tokens and normalisation are spared."""
    if hasattr(network, "make_parameter_groups"):
        groups: list[dict[str, Any]] = network.make_parameter_groups()
        return groups
    spared = [p for p in network.parameters() if p.ndim <= 1]
    return [
        {"params": [p for p in network.parameters() if p.ndim > 1], "weight_decay": weight_decay},
        {"params": spared, "weight_decay": 0.0},
    ]


def reference_error(name: str, params: Params, parts: list[Part], seed: int) -> float:
    """Test RMSE of the published network with our parameters, on the same parts."""
    import torch
    from sklearn.preprocessing import QuantileTransformer

    torch.manual_seed(seed)
    torch.set_num_threads(1)
    train, valid, test = parts
    n_quantiles = max(min(len(train.y) // 30, 1000), 10)
    scaler = QuantileTransformer(n_quantiles=n_quantiles, output_distribution="normal", subsample=None).fit(train.X)
    mean, scale = train.y.mean(), train.y.std()
    network = REFERENCES[name](train.X.shape[1], params)
    inputs = [torch.from_numpy(scaler.transform(part.X)).float() for part in parts]
    wanted = torch.from_numpy((train.y - mean) / scale).float()
    takes_categories = name == "ft_transformer"

    def answers(x: Any) -> Any:
        return (network(x, None) if takes_categories else network(x)).squeeze(-1)

    def rmse(x: Any, y: Array) -> float:
        network.eval()
        with torch.inference_mode():
            prediction = torch.cat([answers(part) for part in torch.split(x, 4096)]).double().numpy() * scale + mean
        return float(np.sqrt(np.mean((prediction - y) ** 2)))

    groups = _groups(network, params["weight_decay"])
    optimizer = torch.optim.AdamW(groups, lr=params["learning_rate"], weight_decay=params["weight_decay"])
    best, kept, waited = np.inf, copy.deepcopy(network.state_dict()), 0
    for _ in range(MOST_EPOCHS):
        network.train()
        for rows in torch.split(torch.randperm(len(wanted)), BATCH_ROWS):
            loss = torch.nn.functional.mse_loss(answers(inputs[0][rows]), wanted[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        error = rmse(inputs[1], valid.y)
        waited += 1
        if error < best:
            best, kept, waited = error, copy.deepcopy(network.state_dict()), 0
        if waited >= PATIENCE:
            break
    network.load_state_dict(kept)
    return rmse(inputs[2], test.y)
