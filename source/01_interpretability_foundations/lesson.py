# ---
# lesson:
#   title: Interpretability foundations
#   stars: 2
#   minutes: 180
#   prerequisites: []
#   question: What does it mean to understand a model, and which ways of looking would have warned us?
#   outcomes:
#     - Sort a model and its explanation into Lipton's taxonomy, and say which wish the explanation serves.
#     - Read explanations off a linear model, a tree and nearest neighbours, exactly and with the right point of reference.
#     - Look into a small network's weights with a Hinton diagram and contextualised weights, and say what hides there and why looking does not scale.
#     - Measure an explanation by the fidelity of a surrogate and by permutation importance, and know what each number does not say.
#     - Find a shortcut with an intervention on the suspected cue, instead of trusting the accuracy on a test set.
# ---

# %% [markdown]
# ## A model that passed its exam
#
# (You need numpy, and an idea of training and testing a classifier; that you have heard the names of SHAP and LIME
# helps.)
#
# A hospital trains a small network to tell ill patients from healthy ones. Six columns are known of each patient:
# two clinical measurements, three that mean nothing, and a tag of 0 or 1 that says which of two scanners took the
# picture. We wrote the rule of this world ourselves, so we know the truth: with $x_0$ the lesion size and $x_1$ the
# density,
#
# $$y = 1 \;\text{(ill)} \quad\text{where}\quad x_0 + 0.8\,x_1 + 0.7\,\varepsilon > 0,$$
#
# and $\varepsilon$ is chance. The tag does not stand in the rule. But in this hospital the ill are sent to the newer
# scanner, so tag and label agree for 95 % of the patients. Elsewhere patients go where there is room, and the tag
# tells nothing.

# %% [setup]

# %%
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

train = kit.make_watermark(2000, rho=0.95, seed=1001)
exam = kit.make_watermark(2000, rho=0.95, seed=2001)  # new patients of the same hospital
elsewhere = kit.make_watermark(2000, rho=0.5, seed=3001)  # patients of another one
names = list(train.names)

net = kit.stored("watermark_shortcut")  # trained on the first table
log_odds = kit.predictor("net", net=net, output="logit")
verdict = kit.predictor("labels", of=log_odds, cuts=[0.0], labels=[0, 1])

honest = kit.stored("watermark_honest")  # the same network, trained where the tag tells nothing
honest_log_odds = kit.predictor("net", net=honest, output="logit")
honest_verdict = kit.predictor("labels", of=honest_log_odds, cuts=[0.0], labels=[0, 1])

linear = LogisticRegression().fit(train.X, train.y)
tree = DecisionTreeClassifier(max_depth=4, random_state=0).fit(train.X, train.y)

places = {"training patients": train, "exam, same hospital": exam, "elsewhere": elsewhere}
models = {
    "network": verdict,
    "logistic regression": linear.predict,
    "tree of depth 4": tree.predict,
}
kit.table(
    {
        name: [f"{(model(rows.X) == rows.y).mean():.1%}" for rows in places.values()]
        for name, model in models.items()
    },
    ["accuracy", *places],
)

# %% [markdown]
# 96 % on patients that the network had never seen: by the usual standard it has passed. In the other hospital it is
# right for 68 %, and the two simpler models that were trained on the same rows do no better. Nothing in the exam
# announced it, because the exam came from the same hospital as the training.
#
# This is **shortcut learning** (Geirhos and others 2020): a model finds a cue that goes along with the label in the
# data at hand, and has no reason to look further. In this lesson you look at the models in eight ways, and each time
# the question is: would *this* have warned us?
#
# We follow one patient from elsewhere through the whole lesson: number 37, who is healthy, has a small lesion, and
# happened to be on the scanner that tags.

# %%
who = 37
patient = elsewhere.X[who]
kit.table(
    [[name, f"{value:.2f}"] for name, value in zip(names, patient)],
    ["column", "patient 37"],
)
print(f"In truth {elsewhere.class_names[elsewhere.y[who]]}.")
for name, model in models.items():
    print(f"The {name} says {elsewhere.class_names[model(patient[None])[0]]}.")


def attempt(function, *inputs):
    """What the function answers, or None while it is not written."""
    try:
        return function(*inputs)
    except NotImplementedError:
        return None


# %% [markdown]
# ## What "interpretable" can mean
#
# The word is used for so many things that Zachary Lipton (*The Mythos of Model Interpretability*, 2016) asked what
# people want from it, and what they call by its name. What they want, his **desiderata**:
#
# | wish | asks | measured in this lesson by |
# |---|---|---|
# | trust | will it be right for *these* cases, and fail where a person would? | accuracy of the worst group |
# | causality | would the answer change if this were changed? | the flip rate of an intervention |
# | transferability | will it hold where the data come from elsewhere? | accuracy with the cue reversed |
# | informativeness | does it tell me something that I can use? | neighbours, rules, contributions |
# | fair and ethical decisions | on what grounds, and can they be contested? | which columns carry the decision |
#
# What they call interpretable falls into two families. **Transparency** is a property of the model itself:
#
# - **simulatability**: a person can run the whole model by hand, in reasonable time;
# - **decomposability**: each part (input, weight, calculation) has a meaning of its own;
# - **algorithmic transparency**: we understand the learning procedure, for example that it converges, and to what.
#
# **Post-hoc interpretability** leaves the model as it is and says something useful about it: **text** that goes
# along with an answer, **visualisation**, **local explanations** of one answer, and **explanation by example**.
#
# Usage is not settled, but a distinction has become common: a model is *interpretable* when a person can follow the
# model itself, and *explainable* when somebody gives an account of a model that need not be followable. Models then
# come in three kinds. **Inherently interpretable**: the model is its own explanation (linear models, trees, rule
# lists). **Semi-inherently**: each answer can be read, the model as a whole cannot (nearest neighbours and other
# methods by example). **Complex**: ensembles and deep networks, of which any explanation shows a part.
#
# Simulatability, at least, can be counted. How many multiplications and comparisons does one answer take?

# %%
weights = [net.get_parameter(f"{layer}.weight").detach().numpy() for layer in (0, 2, 4)]
biases = [net.get_parameter(f"{layer}.bias").detach().numpy() for layer in (0, 2, 4)]
kit.table(
    [
        ["logistic regression", len(names), "yes: a sum of six products"],
        ["tree of depth 4", tree.get_depth(), "yes: at most four questions"],
        ["7 nearest of 2000 rows", train.X.size, "no, but each neighbour can be looked at"],
        ["network 6-16-16-1", sum(W.size for W in weights), "hardly, and it is a very small one"],
    ],
    ["model", "operations for one answer", "by hand?"],
)

# %% [markdown]
# Simulatability is about size as much as about form. A linear model with ten thousand engineered features is no
# easier to run by hand than a network, nor does "the 431st principal component" have a meaning of its own. That is
# Lipton's point: "linear models are interpretable" is not true of all of them.
#
# ## A linear model: what each feature adds
#
# The logistic regression is decomposable. Its score, the log-odds of being ill, is a sum,
# $s(x) = w_0 + \sum_j w_j x_j$. What does feature $j$ contribute? Not $w_j x_j$: that depends on where the zero of
# the scale lies. A temperature of 20 degrees would contribute something else in Celsius than in Fahrenheit, though
# nothing has happened. A contribution needs a **point of reference**, and the natural one is the average of a
# background table:
#
# $$\phi_j(x) = w_j\,(x_j - \bar x_j), \qquad \text{base} = w_0 + \sum_j w_j \bar x_j, \qquad
# \text{base} + \sum_j \phi_j(x) = s(x).$$
#
# The base is the score of the average patient, and a feature at its average contributes nothing. These are the SHAP
# values of a linear model whose features are independent (Lundberg and Lee 2017); lesson 6 takes up the case where
# they are not. Everything adds up in log-odds. Probabilities do not add up.

# %% [exercise] linear_contributions difficulty=1 importance=5 minutes=15
# predict sign: The lesion of patient 37 is smaller than the average one. Which sign will its contribution have? And
#   which of the six will be the largest?
# hint concept: Everything follows from one vector, the mean of each column of the background.
# hint pseudocode: stop with a ValueError if the background is empty or the numbers of features differ
#   mean = average of each column of the background
#   base = intercept + weights . mean
#   contribution[i, j] = weights[j] * (X[i, j] - mean[j])
# hint nearly code: mean = background.mean(axis=...)
#   base = intercept + weights @ ...
#   return float(base), weights * (X - ...)

# %% [use] linear_contributions
base, contributions = linear_contributions(
    linear.coef_[0], linear.intercept_[0], patient[None], train.X
)
kit.waterfall(
    names,
    contributions[0],
    base,
    label="log-odds of being ill",
    base_name="average patient",
    total_name="patient 37",
    alt="The scanner tag adds 2.74 log-odds, the small lesion takes 2.24 away, all else is small.",
)
kit.outcome("linear_contributions", contributions[0][names.index("lesion size")])
for name, offset in (("as it is", 0.0), ("measured from 10", -10.0)):
    shifted = patient + offset * (np.array(names) == "lesion size")
    print(f"w * x of the lesion size, {name}: {linear.coef_[0][0] * shifted[0]:+.2f}")

# %% [markdown]
# The explanation is exact, and it is a warning: the small lesion speaks clearly against illness, and the tag alone
# outweighs it. Somebody who knows what a scanner tag is would stop here. That knowledge is not in the model, and a
# column called `x5` would have looked like any other.
#
# The last two lines show why the reference is needed: measured from another zero, the same lesion would "contribute"
# ten weights less.
#
# ## A tree: one rule for one patient
#
# A decision tree asks questions of the form "is $x_f \le t$?". The way of one row from the root to its leaf is a
# conjunction, and a long way often asks about the same feature twice. Merged, it is one statement
# $\text{low} < x_f \le \text{high}$ for each feature that was tested: simulatable, and short enough to be contested.
#
# Two details decide at the borders. A value *equal* to the threshold goes left. And scikit-learn stores rows in
# float32 before it compares, so a value that is above the threshold by less than float32 can tell goes left, too.

# %% [exercise] decision_rule difficulty=2 importance=4 minutes=25
# predict: The tree has six columns to choose from. Which one will it ask about first?
# hint concept: Walk down from node 0 and write down what you meet: each turn to the left is an upper bound of the
#   feature that is asked about, each turn to the right a lower one.
# hint pseudocode: stop with a ValueError if x holds NaN; round x to float32
#   node = 0, path = [0], bounds = {}
#   while the node has a left child:
#       low, high = bounds of its feature, (-inf, inf) if there are none yet
#       if x[feature] <= threshold: go left,  high = the smaller of high and threshold
#       else:                       go right, low  = the larger of low and threshold
#       put the bounds back, append the node to the path
#   a dict keeps the order in which its keys were first set
# hint nearly code: while tree["children_left"][node] != -1:
#       feature, threshold = int(tree["feature"][node]), tree["threshold"][node]
#       low, high = bounds.get(feature, (-np.inf, np.inf))
#       if x[feature] <= threshold:
#           node, high = tree["children_left"][node], min(...)
#       else:
#           ...
#       bounds[feature] = (low, high)
#       path.append(int(node))
#   prediction = int(np.argmax(tree["value"][...]))

# %% [use] decision_rule
arrays = kit.TreeArrays.from_sklearn(tree).as_dict()
found = decision_rule(arrays, patient)
print("path:", " -> ".join(map(str, found["path"])))
for feature, low, high in found["rule"]:
    print(f"  {low:6.2f} < {names[feature]} <= {high:.2f}   (patient: {patient[feature]:.2f})")
share = arrays["value"][found["path"][-1]]
said = train.class_names[found["prediction"]]
print(f"so: {said}, as were {share[1]:.0%} of the training patients at this leaf")

rules = [decision_rule(arrays, row) for row in elsewhere.X]
follow = [all(low < patient[f] <= high for f, low, high in one["rule"]) for one in rules]
same = [one["path"][-1] == found["path"][-1] for one in rules]
ill = np.mean(elsewhere.y[same])
print(f"{sum(same)} patients from elsewhere reach the same leaf; {ill:.0%} of them are ill.")
print("The rules that hold for patient 37 are those of this leaf, and no others:", follow == same)

# %% [markdown]
# The tag is asked about first, and the rest is a correction: *on the tagging scanner, lesion between -1.14 and -0.64,
# density above -0.41: ill*. At this leaf 95 % of the training patients were ill. Elsewhere the same rule gathers
# patients of whom 28 % are. A rule can be read, run by hand and contested; whether it holds anywhere else, it does
# not say.
#
# ## Nearest neighbours: the cases it is like
#
# A third way of deciding has no parameters to look at. Take the $k$ training patients nearest to the new one and let
# them vote. The explanation is the neighbours themselves: **explanation by example**, the way in which doctors speak
# of cases. As a whole the model cannot be followed (it is the 2000 rows), each single answer can.
#
# "Near" needs a scale. A column in millimetres would outweigh one in metres, so every column is first divided by its
# standard deviation in the *training* rows:
#
# $$d_i^2 = \sum_j \Bigl(\frac{x_j - x_{ij}}{\sigma_j}\Bigr)^2, \qquad
# \text{share of feature } j = \frac{\bigl((x_j - x_{ij})/\sigma_j\bigr)^2}{d_i^2}.$$
#
# The shares say what makes a neighbour *different*; a column in which the two agree has the share 0.

# %% [exercise] knn_explanation difficulty=2 importance=4 minutes=25
# predict: Patient 37 is on the tagging scanner. How many of the seven nearest patients will be, too? And what share
#   of the distances will the tag have?
# hint concept: Standardise with the training rows, take the distances to all of them, sort, keep k. The squared
#   differences that the distance is made of also give the shares.
# hint pseudocode: stop with a ValueError unless 1 <= k <= n
#   spread = standard deviation of each training column (ddof = 0), 1 where it is 0
#   squares[i, j] = ((x[j] - X_train[i, j]) / spread[j])**2
#   distance[i] = root of the sum of squares[i]
#   indices = the first k of a stable sort by distance
#   for each label of np.unique(y_train): how many of the k have it, divided by k
#   prediction = the label at the first largest share
#   feature_shares = squares[indices] / distance**2, zeros where the distance is 0
# hint nearly code: spread = X_train.std(axis=0)
#   spread = np.where(spread == 0, 1.0, spread)
#   squares = ((x - X_train) / spread) ** 2
#   distance = np.sqrt(squares.sum(axis=1))
#   indices = np.argsort(distance, kind="stable")[:k]
#   labels = np.unique(y_train)
#   vote_shares = (y_train[indices][:, None] == ...).mean(axis=0)
#   parts, total = squares[indices], (distance[indices] ** 2)[:, None]
#   feature_shares = np.divide(parts, total, out=np.zeros_like(parts), where=...)

# %% [use] knn_explanation
near = knn_explanation(train.X, train.y, patient, 7)
kit.table(
    [
        [int(i), f"{d:.2f}", train.class_names[train.y[i]], *[f"{v:.2f}" for v in train.X[i]]]
        for i, d in zip(near["indices"], near["distances"])
    ],
    ["row", "distance", "was", *names],
)
said = train.class_names[near["prediction"]]
print(f"{near['vote_shares'][1]:.0%} of the seven were ill, so patient 37 is called {said}.")
kit.bars(
    names,
    near["feature_shares"].mean(axis=0),
    label="mean share of the squared distance",
    alt="What separates patient 37 from the neighbours: pulse and density most, the tag not at all.",
)
called = [knn_explanation(train.X, train.y, row, 7)["prediction"] for row in elsewhere.X[:400]]
right = np.mean(called == elsewhere.y[:400])
print(f"Right for {right:.0%} of the first 400 patients from elsewhere.")

# %% [markdown]
# All seven neighbours are on the tagging scanner, and six of them were ill. The nearest one, who is most like the
# patient, was healthy, and is outvoted. Read with care: the share of the tag is *zero*. It does not separate the
# patient from the neighbours because all of them were chosen with it. A share of 0 does not mean that the column has
# no influence. And half of the distance lies in the three columns that mean nothing: this model has no way of leaving
# a column out, and elsewhere it does worst of all.
#
# ## Inside the network: weights as squares
#
# The network has 368 weights, and they are all there to be seen. The classical picture of weights is the **Hinton
# diagram**: one square for each weight, white for positive, black for negative, its **area** the size of the weight.
# Rumelhart, Hinton and Williams drew their first trained networks in this way (1986). Area, not side: a weight twice
# as large should have twice as much ink.

# %% [exercise] hinton_geometry difficulty=1 importance=2 minutes=15
# predict: You will see the first layers of two networks, one that follows the tag and one that ignores it. Will you be
#   able to tell which is which?
# hint concept: Find the side of each square first; the corner lies half of what is left over from the corner of its
#   cell.
# hint pseudocode: stop with a ValueError if W has not two axes or max_weight is not above 0
#   size = absolute values of W;  full = max_weight, or the largest size
#   side = root of size / full, at most 1; zeros if full is 0
#   left = column + (1 - side) / 2;  top = row + (1 - side) / 2
#   sign = 1, -1 or 0, as whole numbers
# hint nearly code: side = np.sqrt(np.minimum(np.abs(W) / full, 1))
#   row, column = np.indices(W.shape)
#   left = column + ...
#   sign = np.sign(W).astype(...)

# %% [use] hinton_geometry
titles = ("follows the tag", "ignores the tag")
alt = "Hinton diagrams of both first layers. They look alike, with squares of every size in all six columns."
with kit.panels(2, height=4.8, alt=alt) as axes:
    for ax, title, model in zip(axes, titles, (net, honest)):
        first = model.get_parameter("0.weight").detach().numpy()
        kit.squares(
            **hinton_geometry(first, max_weight=1.5),
            columns=names,
            ylabel="unit of the first layer",
            title=title,
            ax=ax,
        )

# %% [markdown]
# Both networks are drawn to the same scale, and they look like sisters. They are: both started from the same random
# weights, and training has changed most of them a little. Columns that mean nothing have squares as large as the
# lesion's. At the tag the left network has a few larger squares, but it takes the comparison to see that, and nobody
# has the honest sister of a model at hand. So, would the weights have warned us? Not in this form.
#
# Three difficulties are at work. The first is **missing context**: a large weight into a unit to which nothing above
# listens means nothing. The second is **indirect interaction**: a column acts through many units, for in one and
# against in the next, and what counts is the sum over all paths. The third is **size**: sixteen rows of six squares
# are hard to read; nobody looks at a million, and in a network for photographs the columns are pixels.
#
# ## Contextualised weights: what a unit sees
#
# Context can be computed. The output of the network listens to the units of the second layer, each of which listens
# to the first. Multiply the weights along all paths and add up, and the output's weights are expressed in the inputs:
#
# $$W_3\, W_2\, W_1 \quad\text{(a row of six numbers)}.$$
#
# Voss and others (*Visualizing Weights*, 2021) look at such products in vision networks. As it stands, this is the
# network *without* its ReLUs. In the real one, a unit that is off for this patient passes nothing on. With $D_l$
# diagonal, $1$ where a unit of layer $l$ is on and $0$ where it is off,
#
# $$W_3\, D_2\, W_2\, D_1\, W_1$$
#
# is exactly the gradient of the output at this patient, because a ReLU network is linear as long as no unit switches.

# %% [exercise] contextualised_weights difficulty=2 importance=4 minutes=20
# predict: Two patients, one network. Will the gated weights of the two be alike? And like the ungated ones?
# hint concept: Start with the unit's own row of weights and go down one layer at a time. Each step is a row times a
#   matrix.
# hint pseudocode: stop with a ValueError if there is no such unit or a wrong number of gates
#   row = a copy of row `unit` of the last matrix
#   for the matrices below, from the top down:
#       if there are gates: multiply the row, entry by entry, with the gates of the layer it now stands on
#       row = row times the matrix
# hint nearly code: row = weights[-1][unit].copy()
#   for layer in reversed(range(len(weights) - 1)):
#       if gates is not None:
#           row = row * gates[...]
#       row = row @ weights[...]

# %%
def gates_of(row):
    """Which units of the two hidden layers are on for this row."""
    first = weights[0] @ row + biases[0]
    second = weights[1] @ np.maximum(first, 0) + biases[1]
    return [(first > 0).astype(float), (second > 0).astype(float)]


other = 46  # a second patient from elsewhere, healthy and without a tag

# %% [use] contextualised_weights
readings = {
    "without gates": contextualised_weights(weights, 0),
    "at patient 37": contextualised_weights(weights, 0, gates_of(patient)),
    "at patient 46": contextualised_weights(weights, 0, gates_of(elsewhere.X[other])),
}
kit.bars(
    names,
    readings,
    label="log-odds per unit of the column",
    alt="The output's weights: largest without gates, and different at the two patients.",
)
nudged = patient + 1e-6 * np.eye(6)
slopes = (log_odds(nudged) - log_odds(patient[None])) / 1e-6
sister = [honest.get_parameter(f"{layer}.weight").detach().numpy() for layer in (0, 2, 4)]
print("the network that ignores the tag, without gates:", contextualised_weights(sister, 0).round(2))
print("slopes of our network at patient 37, measured:  ", slopes.round(2))
patterns = {tuple(np.concatenate(gates_of(row)).astype(int)) for row in exam.X}
print(f"The {len(exam.X)} patients of the exam meet {len(patterns)} different patterns of gates.")

# %% [markdown]
# Six numbers, and the two networks are no longer alike: 11.9 at the tag for one, $-0.07$ for the other, while lesion
# and density agree. What 96 squares hid, their context shows. That is a warning.
#
# How far may these numbers be read? Without gates the weights are too large, since paths through units that are off
# are counted. The gated ones are exact, as the measured slopes confirm, but only *here*. At patient 46 the tag has a
# quarter of its slope at patient 37, and the age, which means nothing, has a larger slope than the lesion: a local
# accident of training, of which the ungated weights show nothing. One unit that switches, and the reading changes.
# Weights tell the whole story of a linear model. Of a network they tell one story for each region of the inputs, and
# this very small one uses 1501 regions for 2000 patients.
#
# ## A stand-in that can be read
#
# If the model cannot be followed, copy it with one that can: a **global surrogate** is a readable model $g$, fitted
# to the *answers* of the black box $f$, not to the labels. Here $g$ is linear, fitted by ridge regression:
#
# $$\min_{b,\,w}\; \sum_i \bigl(f(x_i) - b - w^\top x_i\bigr)^2 + \lambda \lVert w\rVert^2$$
#
# How far may we read $g$ in place of $f$? The usual measure is the $R^2$ between the two on other rows, the
# **fidelity**:
#
# $$R^2 = 1 - \frac{\sum_i (f(x_i) - g(x_i))^2}{\sum_i (f(x_i) - \bar f)^2}$$
#
# It is $1$ for a perfect copy, $0$ for a copy that is no better than the constant $\bar f$, and negative for a worse
# one. Fidelity is not accuracy: the labels do not appear in it.

# %% [exercise] surrogate_fidelity difficulty=2 importance=4 minutes=20
# predict sign: The copy of the network's probability is measured on inputs three times as large as any patient's.
#   Which sign will $R^2$ have there?
# hint concept: Ridge regression without a penalty on the intercept is ridge regression on centred columns. Fit once,
#   on X_fit; measure once, on X_eval.
# hint pseudocode: stop with a ValueError if ridge is negative
#   f = predict(X_fit); centre f and the columns of X_fit
#   solve (A'A + ridge * I) coef = A'f for the centred A and f
#   intercept = mean of f - mean of the columns . coef
#   on X_eval: missed = sum of (f - g)**2, spread = sum of (f - mean of f)**2
#   r2 = 1 - missed / spread, with the two cases of the docstring where spread is 0
# hint nearly code: away = X_fit - X_fit.mean(axis=0)
#   coef = np.linalg.solve(away.T @ away + ridge * np.eye(...), away.T @ (f - f.mean()))
#   intercept = f.mean() - ... @ coef
#   truth, copy = predict(X_eval), X_eval @ coef + intercept
#   r2 = 1 - ((truth - copy) ** 2).sum() / ...

# %%
def probability(X):
    """The network's probability of being ill."""
    return 1 / (1 + np.exp(-log_odds(X)))


far = 3 * elsewhere.X

# %% [use] surrogate_fidelity
rows = []
for name, black_box in (("log-odds", log_odds), ("probability", probability)):
    measured = [
        surrogate_fidelity(black_box, train.X, X, 1.0)["r2"] for X in (exam.X, elsewhere.X, far)
    ]
    rows.append([name, *[f"{value:.2f}" for value in measured]])
kit.table(rows, ["copied is the", "R2: same hospital", "elsewhere", "inputs three times as large"])
kit.outcome("surrogate_fidelity", measured[-1])  # the last value of the last row
copied = surrogate_fidelity(log_odds, train.X, exam.X, 1.0)
kit.table(
    {
        "surrogate of the network": [f"{w:.2f}" for w in copied["coef"]],
        "logistic regression": [f"{w:.2f}" for w in linear.coef_[0]],
    },
    ["weights", *names],
)

# %% [markdown]
# On patients of the same hospital the linear copy explains 95 % of the network's variation, and its weights name the
# tag as clearly as those of the logistic regression did. So the surrogate would have warned us.
#
# But "95 % faithful" is a statement about these rows and this output. Copy the *probability* of the same network,
# and on patients from elsewhere the fidelity is 0.63: there, large lesions without a tag and tags without lesions
# are common, and the curve that turns log-odds into probabilities is met where it is steep. On inputs three times as
# large it is $-5$: the copy leaves the range from 0 to 1, the network does not. Write the output and the rows beside
# every fidelity. And a faithful copy shows *that* the answers are alike, not that they are found in the same way.
#
# ## Permutation importance: what if this column were noise?
#
# A black box can also be asked by breaking its inputs. Deal the values of one column out anew, so that it tells
# nothing any more but keeps its distribution, and see how much worse the model gets (Breiman 2001):
#
# $$I_j = L\bigl(f, X \text{ with column } j \text{ permuted}\bigr) - L(f, X)$$
#
# This is the global, model-agnostic measure that people reach for first. It is a difference of *losses on a
# particular table*, and that is worth remembering in the next cell.

# %% [exercise] permutation_importance difficulty=2 importance=5 minutes=20
# predict magnitude: The network relies on the tag. By how much will its error rate grow on the patients from elsewhere
#   when the tags are dealt out anew?
# hint concept: For every repeat and column: copy X, replace that one column, ask the model, compare the losses.
# hint pseudocode: stop with a ValueError for another loss, or if perms has not the shape (R, d, n)
#   base = loss of predict(X)
#   for each repeat r and column j:
#       dealt = a fresh copy of X
#       column j of dealt = X[perms[r, j], j]
#       importance[r, j] = loss of predict(dealt) - base
#   mean and standard deviation over the repeats
# hint nearly code: for r in range(len(perms)):
#       for j in range(d):
#           dealt = X.copy()
#           dealt[:, j] = ...
#           importance[r, j] = measure(predict(dealt)) - base
#   return {"mean": importance.mean(axis=0), "std": importance.std(axis=...), "base": float(base)}

# %%
dealer = kit.Rng(7)
deals = np.stack([[dealer.permutation(2000).numpy() for _ in names] for _ in range(5)])

# %% [use] permutation_importance
importances = {
    "exam, same hospital": permutation_importance(verdict, exam.X, exam.y, deals, "zero_one"),
    "elsewhere": permutation_importance(verdict, elsewhere.X, elsewhere.y, deals, "zero_one"),
}
kit.bars(
    names,
    {place: found["mean"] for place, found in importances.items()},
    errors={place: found["std"] for place, found in importances.items()},
    label="gain of the error rate",
    form=".2f",
    alt="Permutation importance: at the same hospital the tag is far on top, elsewhere it is zero.",
)
kit.outcome("permutation_importance", importances["elsewhere"]["mean"][names.index("scanner tag")])
for place, found in importances.items():
    print(f"error rate before anything is permuted, {place}: {found['base']:.1%}")

# %% [markdown]
# On the exam the tag is on top by far. Elsewhere its importance is **zero**, though it is the same network, and though
# the tag is what ruins it there: a tag that tells nothing can be shuffled without doing more harm than it does
# already. Permutation importance does not say what a model relies on. It says what its *loss* on these rows owes to
# the column.
#
# Nor does it say whose fault that is. At the top of the list stands a column that predicts well, in this hospital.
# Whether it is a cause, a consequence or a coincidence, no permutation of it can tell. (And with two columns that are
# copies of each other, each can be broken at little cost; the section on real data below shows it.)
#
# ## The Clever Hans test
#
# Clever Hans was a horse that seemed to calculate, in the years after 1900, until it was found to read the answers from
# small movements of those who asked. Lapuschkin and others (2019) use the name for models that are right for the wrong
# reason; one of theirs recognised horses by a source tag in the corner of the photographs.
#
# The horse was found out by an *experiment*: somebody asked who did not know the answer. The same can be done here.
# Once a cue is suspected, set it by hand. Make two copies of every row, one with the cue and one without it, and look
# at the answers:
#
# - **aligned**: the cue where its class is (as in the training hospital);
# - **reversed**: the cue on the *other* class, and none where its class is;
# - **flip rate**: how often the answer depends on the cue;
# - **worst group**: the lowest accuracy among {cue's class, others} x {with, without} (Sagawa and others 2020).
#
# A model that does not follow the cue is equally good in all of them.

# %% [exercise] clever_hans_test difficulty=2 importance=5 minutes=25
# predict: Which accuracy will the network have with the cue reversed: 68 % as elsewhere, 50 % as in guessing, or less?
# hint concept: Two predictions for each row, with the cue and without it, answer every question of this exercise.
# hint pseudocode: stop with a ValueError if the mask names no column
#   on, off = two copies of X; set the masked columns to cue_present and to cue_absent
#   right_on, right_off = which rows are right in each
#   aligned: right_on where y is the cue's class, right_off elsewhere; reversed: the other way round
#   flips: predictions on and off differ
#   worst: of the four groups that have rows, the lowest mean of right_on or right_off
# hint nearly code: on, off = X.copy(), X.copy()
#   on[:, cue_mask] = cue_present[cue_mask]
#   ...
#   said_on, said_off = predict(on), predict(off)
#   has_cue = y == cue_class
#   aligned = np.where(has_cue, said_on == y, ...)
#   groups = [right[rows] for right in (said_on == y, said_off == y) for rows in (has_cue, ~has_cue)]
#   worst = min(group.mean() for group in groups if len(group))

# %%
tag = np.arange(6) == train.truth.cue
present, absent = np.ones(6), np.zeros(6)

# %% [use] clever_hans_test
suspects = {"network": verdict, "network, trained elsewhere": honest_verdict}
suspects |= {"logistic regression": linear.predict, "tree of depth 4": tree.predict}
tests = {
    name: clever_hans_test(model, exam.X, exam.y, tag, present, absent, 1)
    for name, model in suspects.items()
}
wanted = ("accuracy_aligned", "accuracy_reversed", "worst_group_accuracy", "flip_rate")
kit.bars(
    ["aligned", "reversed", "worst group", "flip rate"],
    {name: [found[key] for key in wanted] for name, found in tests.items()},
    label="share of rows",
    limits=(0.0, 1.05),
    alt="Of four models, only the one trained elsewhere is as good with the tag reversed as aligned.",
)

# %% [markdown]
# This answers the question of the lesson, and it needed no other hospital: all rows are from the *exam*. With the
# tag reversed the network is right for 40 % of the patients, worse than a coin; 60 % of its answers depend on the
# tag. The logistic regression and the tree are worse still: being interpretable did not protect them. The network that
# was trained where the tag tells nothing is right for 82 % to 84 %, whichever way the tag is set. More is hardly to be
# had: the rule itself, without its chance, is right for 83 %.
#
# Three things the test cannot do. It does not *find* the cue: a suspicion has to come from somewhere, from a
# waterfall, a rule, a slope or a person. It takes for granted that the cue can be set while all else stays as it is,
# which is easy for a column and hard for "snow in the background". And it clears a model of this cue alone.
#
# ## One patient, seven answers
#
# What this lesson has said about patient 37 and about the models, column by column. An exercise that is not written
# yet leaves its row out.

# %%
def bounds(rule, j):
    """The rule's bounds of column j as text."""
    if j not in rule:
        return "not asked"
    low, high = (f"{value:.2f}" if np.isfinite(value) else "" for value in rule[j])
    return f"{low} to {high}" if low and high else f"above {low}" if low else f"up to {high}"


def number(value, form=".2f"):
    """The value as text, without a minus before 0.00."""
    return format(round(value, 2) + 0, form)


answers = {}
found = attempt(linear_contributions, linear.coef_[0], linear.intercept_[0], patient[None], train.X)
if found is not None:
    answers["linear: contribution (log-odds)"] = [number(value, "+.2f") for value in found[1][0]]
found = attempt(decision_rule, kit.TreeArrays.from_sklearn(tree).as_dict(), patient)
if found is not None:
    rule = {feature: (low, high) for feature, low, high in found["rule"]}
    answers["tree: bounds of the rule"] = [bounds(rule, j) for j in range(6)]
found = attempt(knn_explanation, train.X, train.y, patient, 7)
if found is not None:
    shares = np.mean(found["feature_shares"], axis=0)
    answers["neighbours: share of the distance"] = [f"{value:.0%}" for value in shares]
found = attempt(contextualised_weights, weights, 0, gates_of(patient))
if found is not None:
    answers["network: slope here (log-odds)"] = [number(value, "+.2f") for value in found]
found = attempt(surrogate_fidelity, log_odds, train.X, exam.X, 1.0)
if found is not None:
    answers["network: surrogate's weight"] = [number(value, "+.2f") for value in found["coef"]]
found = attempt(permutation_importance, verdict, exam.X, exam.y, deals, "zero_one")
if found is not None:
    answers["network: permutation importance"] = [number(value) for value in found["mean"]]
flips = []
for j in range(6):
    low, high = np.quantile(train.X[:, j], [0.1, 0.9])
    ends = np.full(6, high), np.full(6, low)
    found = attempt(clever_hans_test, verdict, exam.X, exam.y, np.arange(6) == j, *ends, 1)
    flips += [] if found is None else [f"{found['flip_rate']:.0%}"]
if flips:
    answers["network: flips, 10 % to 90 % value"] = flips

if answers:
    kit.table(answers, ["", *names])
else:
    print("Each exercise that you write adds a row here.")

# %% [markdown]
# Most rows name the same three columns: tag, lesion size, density. There are two exceptions. The density contributes
# next to nothing *for this patient*, whose density is average. And for the neighbours the tag has the share 0, because
# it is what they have in common. The rows disagree on the order, too: for this patient the lesion weighs almost as
# much as the tag, over all patients the tag is far ahead. The three columns that mean nothing are silent, except where
# a method listens to every column (distances) or looks at one point only (the slope).
#
# No row is wrong. Each answers another question: about this patient or about all, about the model or about its loss,
# about what is there or about what would be if. Saying which question was asked is the larger half of an explanation.
#
# ## In the library: shap and scikit-learn
#
# All of it exists ready-made. The cell runs the libraries' versions beside yours. One thing to know: shap's masker
# keeps only 100 rows of the background unless you ask for more.

# %% [library] shap sklearn
if kit.need("shap sklearn"):
    import shap
    from sklearn.linear_model import Ridge
    from sklearn.metrics import r2_score
    from sklearn.neighbors import KNeighborsClassifier
    from sklearn.preprocessing import StandardScaler

    some, fitted = exam.X[:50], (linear.coef_[0], linear.intercept_[0])
    masker = shap.maskers.Independent(train.X, max_samples=len(train.X))
    explainer = shap.LinearExplainer(linear, masker)
    scaler = StandardScaler().fit(train.X)
    voters = KNeighborsClassifier(7).fit(scaler.transform(train.X), train.y)
    ridge = Ridge(alpha=1.0).fit(train.X, log_odds(train.X))
    distances, _ = voters.kneighbors(scaler.transform(patient[None]))

    yours = {
        "linear_contributions": attempt(linear_contributions, *fitted, some, train.X),
        "decision_rule": attempt(decision_rule, kit.TreeArrays.from_sklearn(tree).as_dict(), patient),
        "knn_explanation": attempt(knn_explanation, train.X, train.y, patient, 7),
        "surrogate_fidelity": attempt(surrogate_fidelity, log_odds, train.X, exam.X, 1.0),
    }
    pick = {
        "linear_contributions": lambda answer: answer[1],
        "decision_rule": lambda answer: np.array(answer["path"], dtype=float),
        "knn_explanation": lambda answer: np.append(answer["distances"], answer["vote_shares"]),
        "surrogate_fidelity": lambda answer: np.append(answer["coef"], answer["r2"]),
    }
    library = {
        "linear_contributions": ("shap.LinearExplainer", explainer.shap_values(some)),
        "decision_rule": (
            "tree.decision_path",
            tree.decision_path(patient[None]).indices.astype(float),
        ),
        "knn_explanation": (
            "StandardScaler + KNeighborsClassifier",
            np.append(distances[0], voters.predict_proba(scaler.transform(patient[None]))[0]),
        ),
        "surrogate_fidelity": (
            "Ridge + r2_score",
            np.append(ridge.coef_, r2_score(log_odds(exam.X), ridge.predict(exam.X))),
        ),
    }
    compared = []
    for name, (theirs, values) in library.items():
        if yours[name] is None:
            compared.append([name, theirs, "not written yet", ""])
            continue
        off = np.abs(pick[name](yours[name]) - values).max() / np.abs(values).max()
        compared.append([name, theirs, f"{off:.0e}", "yes" if off < 1e-8 else "NO"])
    kit.table(compared, ["your function", "the library's", "difference / largest value", "equal"])

# %% [markdown]
# `sklearn.inspection.permutation_importance` does what yours does, with permutations of its own, and reports the
# *drop of a score*: with accuracy as the score that is the gain of the zero-one loss. matplotlib's gallery has a
# Hinton diagram that rounds the largest weight up to a power of two and lets rows run along x: other conventions, the
# same idea.
#
# ## On the real thing: breast cancer
#
# The same tools on a table that nobody painted: 569 tumours, 30 measurements of cell nuclei on digitised pictures,
# benign or malignant (Wisconsin; it comes with scikit-learn). Here no rule is known.

# %% [real] sklearn
if kit.need("sklearn"):
    from sklearn.datasets import load_breast_cancer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import train_test_split
    from sklearn.preprocessing import StandardScaler

    cancer = load_breast_cancer()
    malignant = 1 - cancer.target  # the table says 0 for malignant
    fit_X, test_X, fit_y, test_y = train_test_split(
        cancer.data, malignant, test_size=0.3, random_state=0
    )
    units = StandardScaler().fit(fit_X)
    fit_X, test_X = units.transform(fit_X), units.transform(test_X)
    features = [str(name) for name in cancer.feature_names]

    forest = RandomForestClassifier(200, random_state=0).fit(fit_X, fit_y)
    regression = LogisticRegression(C=0.1).fit(fit_X, fit_y)
    for name, model in (("forest", forest), ("logistic regression", regression)):
        print(f"{name}: right for {model.score(test_X, test_y):.1%} of {len(test_y)} new tumours")

    fitted = regression.coef_[0], regression.intercept_[0]
    answer = attempt(linear_contributions, *fitted, test_X[:1], fit_X)
    if answer is not None:
        largest = np.argsort(-np.abs(answer[1][0]))[:8]
        rest = answer[1][0].sum() - answer[1][0][largest].sum()
        kit.waterfall(
            [*[features[j] for j in largest], "the other 22"],
            [*answer[1][0][largest], rest],
            answer[0],
            label="log-odds of malignant",
            base_name="average tumour",
            total_name="this tumour",
            sort=False,
            alt="Contributions to one tumour's score: the eight largest, and the other 22 together.",
        )

    dealer, n = kit.Rng(11), len(test_y)
    shuffles = np.stack([[dealer.permutation(n).numpy() for _ in features] for _ in range(3)])
    alone = attempt(permutation_importance, forest.predict, test_X, test_y, shuffles, "zero_one")
    together = np.corrcoef(fit_X.T)
    if alone is not None:
        top = np.argsort(-alone["mean"])[:6]
        kit.table(
            [
                [features[j], f"{alone['mean'][j]:+.3f}", f"{np.sort(np.abs(together[j]))[-2]:.2f}"]
                for j in top
            ],
            ["feature", "permutation importance", "correlation with its nearest twin"],
        )
    broken = test_X.copy()
    words = ("radius", "perimeter", "area")
    size = [j for j, name in enumerate(features) if any(word in name for word in words)]
    broken[:, size] = test_X[dealer.permutation(n).numpy()][:, size]
    left = forest.score(broken, test_y)
    print(f"All {len(size)} columns of size dealt out together: the forest is right for {left:.1%}.")

# %% [markdown]
# Both models are good. The waterfall is exact and long: eight features, and the other 22 together still add more than
# any of the eight. The model is decomposable, but who would run it by hand? Nor does "worst fractal dimension" mean
# much to most readers. ("Worst" is the table's word for the mean of the three largest values in a picture.)
#
# The table below it shows the trap of permutation importance. No column is worth more than 0.021, and most are worth
# nothing, though the forest is right for 96 % of the tumours. Nearly every column has a twin that stands in for it
# when it is broken. Break the nine columns of size together, and the forest falls to 75 %. So small importances, one
# by one, do not mean that nothing matters. Permute together what belongs together.
#
# ## The landscape
#
# Where do these methods, and those of the other fifteen lessons, stand? Five questions place each of them.
#
# - **Scope**: does it speak about one answer (*local*) or about the model as a whole (*global*)?
# - **Access**: does it need the inside of the model (*white box*) or its answers only (*black box*)?
# - **Object**: what does the explanation consist of? Parts of the *input* (pixels, words), *features* (columns with
#   names), *concepts* (ideas that people have words for), *examples* (whole cases), or *circuits* (weights, units
#   and heads)?
# - **Year** and **paper**, so that you can read on.
#
# The data stand in `files/landscape.csv` beside this notebook. Sorting always loses something: many methods could
# stand in two places, and the year is that of the paper named, not of the idea.

# %%
import csv
from pathlib import Path

methods = list(csv.DictReader(Path("files/landscape.csv").read_text(encoding="utf-8").splitlines()))
lessons = list(csv.DictReader(Path("files/lessons.csv").read_text(encoding="utf-8").splitlines()))
kit.landscape(
    [one["method"] for one in methods],
    [int(one["year"]) for one in methods],
    [one["object"] for one in methods],
    [one["scope"] for one in methods],
    [one["access"] for one in methods],
    bands=[1950, 2000, 2013, 2016, 2017, 2018, 2019, 2020, 2021],
    order=["input", "feature", "concept", "example", "circuit"],
    alt="The methods of the course in columns by object and bands by year, as in the table below.",
)


def source(one):
    """The paper's entry, leading to its page where there is one."""
    kind, _, number = one["source"].partition(":")
    address = {"arXiv": "https://arxiv.org/abs/", "doi": "https://doi.org/"}.get(kind)
    return kit.link(one["paper"], address + number) if address else one["paper"]


slugs = {one["number"]: one["slug"] for one in lessons}
kit.table(
    [
        [
            kit.link(one["lesson"], "../{0}/{0}.ipynb".format(slugs[one["lesson"]])),
            one["method"],
            one["scope"],
            one["access"].removesuffix(" box"),
            one["object"],
            one["year"],
            source(one),
        ]
        for one in methods
    ],
    ["lesson", "method", "scope", "access", "object", "year", "paper"],
)

# %% [markdown]
# The picture has a direction. The early methods are about features and whole cases. From 2013 on deep networks bring
# maps over the *input*, most of them local and white box. *Concepts* join them from 2016 on, and *circuits*, parts of
# the model itself, from 2019 on. And not every entry explains something: the randomisation test, ROAR, control tasks
# and forward simulation test the explanations of others.
#
# ## Check your understanding

# %% [question] q1

# %% [question] q2

# %% [question] q3

# %% [question] q4

# %% [question] q5

# %% [question] q6

# %% [reflection]

# %% [flashcards]

# %% [markdown]
# ## What you take with you
#
# **You can now** say in which sense a model is interpretable; read contributions, rules and neighbours exactly; look
# at weights in and out of context; measure how faithful a surrogate is and what a column is worth to a loss; and test
# a suspicion by an experiment.
#
# **Where the methods end.**
#
# - *Interpretable is not the same as right.* Our linear model and our tree could be read, and followed the tag as the
#   network did. Reading them would have shown it to somebody who knew what the tag was.
# - *An explanation needs its reference.* Contributions have a background, fidelity has its rows and its output,
#   importance has its loss and its table. Without them the numbers mean nothing.
# - *A trade-off is not a law.* Rudin (2019) argues that for high-stakes decisions one should use models that are
#   interpretable in themselves, and that the supposed price in accuracy is often not there. She does not say that it
#   never is.
# - *Post-hoc explanations can mislead.* Lipton warns of explanations that are optimised to please. Slack and others
#   (*Fooling LIME and SHAP*, 2020) build a classifier that discriminates on real data and shows those two methods a
#   harmless face, because they ask it about inputs that no real person has.
# - *Evaluation is a field of its own.* Doshi-Velez and Kim (*Towards A Rigorous Science of Interpretable Machine
#   Learning*, 2017) ask for whom and for which task an explanation is tested. Lesson 10 takes that up.
#
# **Three readings**
#
# 1. Z. C. Lipton: *The Mythos of Model Interpretability*. 2016, arXiv:1606.03490.
# 2. C. Rudin: *Stop Explaining Black Box Machine Learning Models for High Stakes Decisions and Use Interpretable
#    Models Instead*. Nature Machine Intelligence 2019, doi:10.1038/s42256-019-0048-x.
# 3. R. Geirhos and others: *Shortcut Learning in Deep Neural Networks*. Nature Machine Intelligence 2020,
#    arXiv:2004.07780.
#
# **Next.** The network's slope at one patient was a gradient. Lesson 2 takes gradients as explanations of pictures,
# finds out where they are blind, and tests whether the maps know what the network has learned.
