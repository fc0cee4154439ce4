UPDATE vigil.model_activations SET kind = 'ensemble' WHERE kind = 'entity';
