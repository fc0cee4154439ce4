"""The LSTM autoencoder in PyTorch, with the weights of a model file of ours."""

import torch
from torch import nn


class Autoencoder(nn.Module):
    """LSTM layers, a linear latent vector, LSTM layers that see it at every step, a linear output."""

    def __init__(self, steps=50, features=15, latent=16, hidden=(64, 32)):
        super().__init__()
        self.steps = steps
        encoder_inputs = [features, *hidden[:-1]]
        decoder = list(reversed(hidden))
        decoder_inputs = [latent, *decoder[:-1]]
        self.encoder = nn.ModuleList(
            nn.LSTM(i, h, batch_first=True) for i, h in zip(encoder_inputs, hidden))
        self.latent = nn.Linear(hidden[-1], latent)
        self.decoder = nn.ModuleList(
            nn.LSTM(i, h, batch_first=True) for i, h in zip(decoder_inputs, decoder))
        self.output = nn.Linear(decoder[-1], features)

    def forward(self, values, lengths=None):
        for layer in self.encoder:
            values, _ = layer(values)
        if lengths is None:
            last = values[:, -1]
        else:
            # Causal layers: what follows a window's end never reaches the state at its end.
            last = values[torch.arange(len(values)), lengths - 1]
        values = self.latent(last).unsqueeze(1).repeat(1, self.steps, 1)
        for layer in self.decoder:
            values, _ = layer(values)
        return self.output(values)

    def named_counterparts(self):
        """Our tensors' names with the parameters that correspond; our bias is PyTorch's two in one."""
        for part in ("encoder", "decoder"):
            for index, layer in enumerate(getattr(self, part)):
                yield f"autoencoder.{part}.{index}.weight_ih", layer.weight_ih_l0
                yield f"autoencoder.{part}.{index}.weight_hh", layer.weight_hh_l0
                yield f"autoencoder.{part}.{index}.bias", layer.bias_ih_l0
        for name in ("latent", "output"):
            yield f"autoencoder.{name}.weight", getattr(self, name).weight
            yield f"autoencoder.{name}.bias", getattr(self, name).bias

    @staticmethod
    def from_tensors(tensors):
        steps, features, latent, *hidden = (int(size) for size in tensors["autoencoder.sizes"])
        model = Autoencoder(steps, features, latent, tuple(hidden))
        with torch.no_grad():
            for layer in (*model.encoder, *model.decoder):
                layer.bias_hh_l0.zero_()
            for name, parameter in model.named_counterparts():
                parameter.copy_(torch.from_numpy(tensors[name]))
        return model
