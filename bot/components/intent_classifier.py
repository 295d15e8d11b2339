"""The trained classifier for what has no fixed form: Rasa's logistic regression, kept as plain arrays.

Rasa keeps it with a library whose import looks at every estimator there is, which took a third of the
engine's start. Three arrays are all a logistic regression consists of, and reading arrays runs no code from
the model file.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.logistic_regression_classifier import LogisticRegressionClassifier

ARRAYS = "classifier.npz"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class ArrayIntentClassifier(LogisticRegressionClassifier):
    """Logistic regression over the featurizers' counts, one probability per intent."""

    def persist(self) -> None:
        """Write the weights, the offsets and the intents' names."""
        with self._model_storage.write_to(self._resource) as folder:
            names = np.array(self.clf.classes_, dtype=str)
            np.savez_compressed(
                folder / ARRAYS, coef=self.clf.coef_, intercept=self.clf.intercept_, classes=names
            )

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ArrayIntentClassifier:
        """Read what `persist` wrote. Raises ValueError where the model holds none: never start half."""
        component = cls(config, execution_context.node_name, model_storage, resource)
        with (
            model_storage.read_from(resource) as folder,
            np.load(folder / ARRAYS, allow_pickle=False) as arrays,
        ):
            component.clf.coef_ = arrays["coef"]
            component.clf.intercept_ = arrays["intercept"]
            component.clf.classes_ = arrays["classes"]
        component.clf.n_features_in_ = component.clf.coef_.shape[1]
        return component
