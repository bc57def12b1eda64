"""Make docs/reliability.png: are the rises as far off as `rise_sd_cm` says?

    python docs/make_reliability_plot.py CLIPS RESULTS

CLIPS holds labelled videos (benchmarks/README.md), RESULTS the JSON of `heelrise analyze` of each.
"""

from __future__ import annotations

import json
import statistics
import sys
from pathlib import Path

import matplotlib.pyplot as plt

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))
import truth as labels

SHARES = [number / 20 for number in range(1, 20)]
SLACK_S = 0.2


def errors_in_sd(clips: Path, results: Path) -> list[float]:
    """Return every matched rep's error of the rise in units of its own standard deviation."""
    found = []
    for label in sorted(clips.glob("*.json")):
        made = results / label.name
        if not made.exists():
            continue
        reps = json.loads(made.read_text())["reps"]
        for true in labels.read_truth(label).reps:
            for rep in reps:
                inside = true.start_s - SLACK_S <= rep["peak_s"] <= true.end_s + SLACK_S
                known = rep.get("rise_sd_cm") and true.rise_cm is not None
                if rep["side"] == true.side and inside and known:
                    found.append(abs(rep["rise_cm"] - true.rise_cm) / rep["rise_sd_cm"])
                    break
    return found


def main() -> None:
    """Draw the share of errors within so many standard deviations against the share promised."""
    errors = errors_in_sd(Path(sys.argv[1]), Path(sys.argv[2]))
    normal = statistics.NormalDist()
    within = [
        sum(error <= normal.inv_cdf(0.5 + share / 2) for error in errors) / len(errors)
        for share in SHARES
    ]
    figure, axes = plt.subplots(figsize=(6.4, 5.2), dpi=110)
    axes.plot([0, 1], [0, 1], color="0.6", linestyle="--", label="as promised")
    axes.plot(SHARES, within, marker="o", color="tab:blue", label=f"{len(errors)} reps")
    axes.set(
        xlabel="share of errors promised within k standard deviations",
        ylabel="share of errors found within them",
        title="rise_sd_cm: reliability",
        xlim=(0, 1),
        ylim=(0, 1),
        aspect="equal",
    )
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.tight_layout()
    figure.savefig(Path(__file__).parent / "reliability.png")


if __name__ == "__main__":
    main()
