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
    {"E6001", "the server cannot listen there",
     "The address is not one of this machine, another program has the port, or it is not an "
     "address "
     "at all. weir serve --listen 127.0.0.1:8081 takes another port, port 0 any that is free."},
    {"E6002", "the server refuses to start",
     "What is set up would let people in who should stay out: an address that others reach without "
     "a token or a proxy that knows its users, plain HTTP where others could read the tokens, a "
     "header that names the user without a list of proxies that may send it. The message names "
     "the "
     "setting and the remedy."},
    {"E6003", "a server of another version",
     "The server that holds the store is another weir than the one that was called, and the two "
     "might not mean the same. Start the server again, or call the weir that it is."},
    {"E6101", "there is nothing at this address",
     "The addresses of the server stand in /api/v1/openapi.json. Others do not exist."},
    {"E6102", "this method is not for this address",
     "Documents are fetched with GET, events sent with POST. The header Allow names the methods."},
    {"E6103", "a parameter is not understood",
     "The parameters of an address are the options of the command of the same name; they stand in "
     "/api/v1/openapi.json. A flag is yes or no, limit is at most 1000."},
    {"E6104", "who asks is not known",
     "The server has tokens, so everybody needs one: Authorization: Bearer weir_…, or a session of "
     "the browser that was had for one. weir token create NAME --scope read makes one, weir token "
     "list shows which have expired."},
    {"E6105", "the token does not reach so far",
     "A token of the scope read sees documents, one of ingest writes events, one of admin does "
     "both. "
     "A token of one source writes for that source alone."},
    {"E6106", "the request is for another host",
     "Any page in a browser can send requests to this machine under a name of its own, so the "
     "server answers only to names that it knows: the address that it listens on, localhost, and "
     "the names under serve.hosts in weir.yaml."},
    {"E6107", "another site's page may not do this",
     "A request that changes something came from a page that is not one of this server's. "
     "Programs send a token in the header Authorization, which no page can do unasked."},
    {"E6108", "the request is too large",
     "Bodies are at most 32 MiB, after decompression. Send the events in parts, or set "
     "serve.limits.body_bytes in weir.yaml."},
    {"E6109", "content of this kind is not understood",
     "The header Content-Type or Content-Encoding names something that this address does not "
     "take."},
    {"E6110", "too many failures",
     "Ten wrong tokens came from an address within a minute. It is let in again in the next one."},
    {"E6111", "a token stands in the address",
     "Addresses are kept in logs, in the history of browsers and by proxies. Send the token in the "
     "header Authorization, revoke this one and make another."},
    {"E6112", "not now",
     "The server is being stopped, too many questions wait for their answer, or an answer took too "
     "long. Trying again may succeed; the header Retry-After says when."},
    {"E6113", "the request cannot be read",
     "An escape or a byte in the address is wrong, a header that decides who asks stands twice, or "
     "a compressed body is damaged."},
    {"E6114", "the head of the request is too large",
     "The address and the headers are at most 16 KiB; serve.limits.head_bytes in weir.yaml."},
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
