/* The identifiers of errors, for `weir help E2103`. The first digit says where: 1 the command line,
 * 2 input, 3 the store, 4 analyses, 5 weir.yaml, 6 the server, 9 weir itself. An identifier is
 * never used again for something else. */
#include "cmd/help.h"

const struct fault faults[] = {
    {"E1001", "unknown command",
     "The first word that is neither an option nor the value of one names a command. weir help "
     "lists "
     "them. Names are not abbreviated."},
    {"E1002", "wrong usage",
     "An option or an argument is not understood: it is unknown, is given twice, lacks its value, "
     "or "
     "has a value that it cannot have. weir help COMMAND shows what the command takes."},
    {"E1003", "the folder of -C cannot be entered",
     "It does not exist, is a file, or is not yours."},
    {"E1004", "the time of --timeout is over",
     "The command was stopped because you, WEIR_TIMEOUT or weir.yaml limited its time. Nothing is "
     "half "
     "stored. Exit code 75: trying again with more time may succeed."},
    {"E1005", "the answer could not be written",
     "Standard output is closed, or its disk is full. What the command did otherwise (an import, "
     "for "
     "one) is done; only its answer is lost."},
    {"E1006", "no repository here",
     "Plain weir reports on the git repository that the current folder is in. Enter one, name one "
     "with "
     "-C, or give a command."},
    {"E2103", "rows were rejected",
     "Some records could not be understood: a date that does not exist, a missing case, a broken "
     "line. "
     "They are kept with file, line, column, reason and text, and the others were stored. "
     "weir status --rejects shows them. Mend the source, or tell weir how to read it "
     "(--date-format, "
     "--zone, --null, --map), and import again: what is stored already is recognised and not "
     "counted "
     "twice."},
    {"E5001", "weir.yaml has a fault",
     "A key is unknown or stands twice, or a value has a form that the key cannot have. The "
     "message "
     "names file, line and column. weir.yaml(5) lists the keys; weir config check tests a file."},
    {"E5002", "weir.yaml of the project is not trusted",
     "A repository that you cloned must not decide where your data are stored, set up a server, "
     "run "
     "programs or use your secrets. Read its weir.yaml. If you agree, weir config check --trust "
     "records "
     "this text of it; a changed file is asked about again. Your own settings can also stand in "
     "$XDG_CONFIG_HOME/weir/weir.yaml, which is always believed."},
    {"E9001", "a fault of weir itself",
     "weir found that one of its own assumptions is wrong, and stopped before it could do harm. "
     "Every "
     "store commits in transactions, so what was stored is intact. Please report the line that "
     "begins "
     "with the name of a source file, the output of weir version, and what you did. With -vv weir "
     "ends "
     "by the signal, which leaves a core dump where those are on."},
    {.id = NULL},
};
