from ige.report.long_table import Part, latex_escaped, long_table
from ige.report.table_text import Column

COLUMNS = (
    Column("", "name", "name"),
    Column("", "kind", "kind", text=True),
    Column("errors, %", "a", "a"),
    Column("errors, %", "b", "b"),
)
PARTS = [
    Part("First", (("x_1", "k", "1", "±2"), ("published:", "", "", ""), ("y", "", "", "3"))),
    Part("Second", ()),
]
TABLE = r"""% Needs \usepackage{booktabs,longtable,pdflscape}; in two columns, \onecolumn before it
\begin{landscape}
  \scriptsize
  \setlength{\tabcolsep}{1.5pt}
  \setlength{\LTcapwidth}{\linewidth}
  \begin{longtable}{@{}llrr@{}}
    \caption{A \& B}\label{tab:both}\\
    \toprule
    \multicolumn{2}{c}{} & \multicolumn{2}{c}{errors, \%} \\
    \cmidrule(lr){3-4}
    name & kind & a & b \\
    \midrule
    \endfirsthead
    \toprule
    \multicolumn{2}{c}{} & \multicolumn{2}{c}{errors, \%} \\
    \cmidrule(lr){3-4}
    name & kind & a & b \\
    \midrule
    \endhead
    \bottomrule
    \endfoot
    \multicolumn{4}{@{}l}{\textbf{First}} \\*
    x\_1 & k & 1 & $\pm$2 \\
    \cmidrule{1-4}
    \multicolumn{4}{@{}l}{\emph{published:}} \\*
    y &  &  & 3 \\
    \midrule
    \multicolumn{4}{@{}l}{\textbf{Second}} \\*
  \end{longtable}
  \noindent 5 \% of it.\par
\end{landscape}
"""


def test_a_table_to_the_letter():
    assert long_table("A & B", ["5 % of it."], COLUMNS, PARTS, label="both") == TABLE


def test_latex_takes_nothing_for_a_command():
    assert latex_escaped(r"a_b & 5% of $3 #1 {x} ~^ \n <>") == (
        r"a\_b \& 5\% of \$3 \#1 \{x\} \textasciitilde{}\textasciicircum{} \textbackslash{}n "
        r"\textless{}\textgreater{}"
    )
