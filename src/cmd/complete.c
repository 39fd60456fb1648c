/* Words that weir itself defines stand in the scripts; names that people gave (streams, stages)
 * come from `weir completion --words`. Those are data: no script may let the shell evaluate them,
 * so bash reads them line by line and quotes them instead of using compgen -W. */
#include "cmd/complete.h"

#include "cmd/help.h"

#include <ctype.h>
#include <string.h>

static bool is_shown(const struct option *o)
{
    return o->purpose != NULL;
}

static bool takes_value(const struct option *o)
{
    return o->kind == OPTION_VALUE || o->kind == OPTION_LIST;
}

static bool is_path(const char *words, bool *ret_folder)
{
    *ret_folder = words != NULL && strcmp(words, "dir") == 0;
    return *ret_folder || (words != NULL && strcmp(words, "file") == 0);
}

/* "wall|work": the words, parted by spaces. */
static void spaced(struct buf *out, const char *words)
{
    for (; *words != 0; words++) {
        buf_putc(out, *words == '|' ? ' ' : *words);
    }
}

static void option_words(struct buf *out, const struct option *table, const struct command *taker)
{
    for (; table != NULL && table->kind != OPTION_END; table++) {
        if (is_shown(table) && (taker == NULL || options_takes(taker, table))) {
            char text[OPTION_TEXT];
            buf_addf(out, " %s", options_text(table, text));
            if (table->letter != 0 && table->name[1] != 0) {
                buf_addf(out, " -%c", table->letter);
            }
        }
    }
}

static bool is_hidden(const struct command *c)
{
    return (c->flags & COMMAND_HIDDEN) != 0;
}

/* --- bash --- */

static void bash_values(struct buf *out, const char *command, const struct option *table)
{
    for (; table != NULL && table->kind != OPTION_END; table++) {
        if (!is_shown(table) || !takes_value(table)) {
            continue;
        }
        char text[OPTION_TEXT];
        bool folder;
        buf_addf(out, "    %s:%s) ", command, options_text(table, text));
        if (options_are_words(table->value)) {
            buf_add(out, STR("_weir_static \""));
            spaced(out, table->value);
            buf_add(out, STR("\""));
        } else if (is_path(table->words, &folder)) {
            buf_add(out, folder ? STR("_weir_paths -d") : STR("_weir_paths -f"));
        } else if (table->words != NULL) {
            buf_addf(out, "_weir_names %s", table->words);
        } else {
            buf_putc(out, ':');
        }
        buf_add(out, STR("; return ;;\n"));
    }
}

static void bash_arguments(struct buf *out, const struct command *c)
{
    for (const struct argument *a = c->arguments; a != NULL && a->name != NULL; a++) {
        bool folder;
        if (options_are_words(a->name)) {
            buf_add(out, STR("; _weir_static \""));
            spaced(out, a->name);
            buf_add(out, STR("\""));
        } else if (is_path(a->words, &folder)) {
            buf_add(out, folder ? STR("; _weir_paths -d") : STR("; _weir_paths -f"));
        } else if (a->words != NULL) {
            buf_addf(out, "; _weir_names %s", a->words);
        }
    }
}

static const char bash_begin[] =
    "# bash completion for weir; printed by: weir completion bash\n"
    "_weir_static() { COMPREPLY+=($(compgen -W \"$1\" -- \"$cur\")); }\n"
    "_weir_paths() {\n"
    "    local line\n"
    "    compopt -o filenames 2>/dev/null\n"
    "    while IFS= read -r line; do COMPREPLY+=(\"$line\"); done < <(compgen \"$1\" -- \"$cur\")\n"
    "}\n"
    "_weir_names() { # names are data: quoted, never evaluated\n"
    "    local line\n"
    "    while IFS= read -r line; do COMPREPLY+=(\"$(printf %q \"$line\")\"); done \\\n"
    "        < <(command weir completion --words \"$1\" -- \"$cur\" 2>/dev/null)\n"
    "}\n"
    "_weir() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev= command= i word\n"
    "    ((COMP_CWORD > 0)) && prev=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    [[ $cur == = ]] && cur=\n"
    "    [[ $prev == = ]] && ((COMP_CWORD > 1)) && prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    COMPREPLY=()\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        case $word in\n"
    "        ";

void complete_bash(struct buf *out)
{
    buf_add(out, str_of(bash_begin));
    for (const struct option *o = options_global; o->kind != OPTION_END; o++) {
        char text[OPTION_TEXT];
        if (takes_value(o)) {
            buf_addf(out, "%s%s", o == options_global ? "" : " | ", options_text(o, text));
        }
    }
    buf_add(out, STR(")\n"
                     "            ((i++))\n"
                     "            [[ ${COMP_WORDS[i]} == = ]] && ((i++)) ;;\n"
                     "        -* | =) ;;\n"
                     "        *) command=$word; break ;;\n"
                     "        esac\n"
                     "    done\n"
                     "    case $command:$prev in\n"));
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        if (!is_hidden(command_table_all[i])) {
            bash_values(out, command_table_all[i]->name, command_table_all[i]->options);
        }
    }
    bash_values(out, "*", options_global);
    buf_add(out, STR("    esac\n"
                     "    if [[ $cur == -* ]]; then\n"
                     "        case $command in\n"));
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        const struct command *c = command_table_all[i];
        if (!is_hidden(c)) {
            buf_addf(out, "        %s) _weir_static \"", c->name);
            option_words(out, c->options, NULL);
            option_words(out, options_global, c);
            buf_add(out, STR("\" ;;\n"));
        }
    }
    buf_add(out, STR("        *) _weir_static \""));
    option_words(out, options_global, NULL);
    buf_add(out, STR("\" ;;\n"
                     "        esac\n"
                     "        return\n"
                     "    fi\n"
                     "    case $command in\n"
                     "    '') _weir_static \""));
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        if (!is_hidden(command_table_all[i])) {
            buf_addf(out, " %s", command_table_all[i]->name);
        }
    }
    buf_add(out, STR("\" ;;\n"));
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        const struct command *c = command_table_all[i];
        if (!is_hidden(c) && c->arguments != NULL) {
            buf_addf(out, "    %s) :", c->name);
            bash_arguments(out, c);
            buf_add(out, STR(" ;;\n"));
        }
    }
    buf_add(out, STR("    esac\n"
                     "}\n"
                     "complete -F _weir weir\n"));
}

/* --- zsh --- */

/* Text within single quotes, with what _arguments or _describe would take for syntax escaped. */
static void zsh_text(struct buf *out, const char *text)
{
    for (; *text != 0; text++) {
        if (*text == '\'') {
            buf_add(out, STR("'\\''"));
        } else if (strchr(":[]\\", *text) != NULL) {
            buf_addf(out, "\\%c", *text);
        } else {
            buf_putc(out, *text);
        }
    }
}

static void zsh_action(struct buf *out, const char *value, const char *words)
{
    bool folder;
    buf_putc(out, ':');
    zsh_text(out, value);
    buf_putc(out, ':');
    if (options_are_words(value)) {
        buf_putc(out, '(');
        spaced(out, value);
        buf_putc(out, ')');
    } else if (is_path(words, &folder)) {
        buf_add(out, folder ? STR("_files -/") : STR("_files"));
    } else if (words != NULL) {
        buf_addf(out, "_weir_names %s", words);
    }
}

static void zsh_options(struct buf *out, const struct option *table, const struct command *taker,
                        const char *indent)
{
    for (; table != NULL && table->kind != OPTION_END; table++) {
        if (!is_shown(table) || (taker != NULL && !options_takes(taker, table))) {
            continue;
        }
        char text[OPTION_TEXT];
        options_text(table, text);
        bool repeats = table->kind == OPTION_LIST || table->kind == OPTION_COUNTED;
        int forms = table->letter != 0 && table->name[1] != 0 ? 2 : 1;
        for (int form = 0; form < forms; form++) {
            char short_form[] = {'-', table->letter, 0};
            buf_addf(out, "%s'%s%s%s[", indent, repeats ? "*" : "", form == 0 ? text : short_form,
                     takes_value(table) && table->name[1] != 0 && form == 0 ? "=" : "");
            zsh_text(out, table->purpose);
            buf_putc(out, ']');
            if (takes_value(table)) {
                zsh_action(out, table->value, table->words);
            }
            buf_add(out, STR("' \\\n"));
        }
    }
}

void complete_zsh(struct buf *out)
{
    buf_add(out, STR("#compdef weir\n"
                     "# zsh completion for weir; printed by: weir completion zsh\n"
                     "_weir_names() {\n"
                     "    local -a names\n"
                     "    names=(${(f)\"$(command weir completion --words $1 -- \"$PREFIX\" "
                     "2>/dev/null)\"})\n"
                     "    (( ${#names} )) && compadd -a names\n"
                     "}\n"
                     "_weir() {\n"
                     "    local curcontext=$curcontext state line\n"
                     "    local -a commands\n"
                     "    commands=(\n"));
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        if (!is_hidden(command_table_all[i])) {
            buf_addf(out, "        '%s:", command_table_all[i]->name);
            zsh_text(out, command_table_all[i]->purpose);
            buf_add(out, STR("'\n"));
        }
    }
    buf_add(out, STR("    )\n"
                     "    _arguments -C \\\n"));
    zsh_options(out, options_global, NULL, "        ");
    buf_add(out, STR("        '1:command:->command' \\\n"
                     "        '*::argument:->argument' && return\n"
                     "    case $state in\n"
                     "    command) _describe command commands ;;\n"
                     "    argument)\n"
                     "        case $line[1] in\n"));
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        const struct command *c = command_table_all[i];
        if (is_hidden(c)) {
            continue;
        }
        buf_addf(out, "        %s)\n            _arguments \\\n", c->name);
        zsh_options(out, c->options, NULL, "                ");
        zsh_options(out, options_global, c, "                ");
        for (const struct argument *a = c->arguments; a != NULL && a->name != NULL; a++) {
            buf_addf(out, "                '%s", a->many ? "*" : "");
            buf_addf(out, "%s", a->many ? "" : ":");
            zsh_action(out, a->name, a->words);
            buf_add(out, STR("' \\\n"));
        }
        buf_add(out, STR("                && return ;;\n"));
    }
    buf_add(
        out,
        STR("        esac ;;\n"
            "    esac\n"
            "}\n"
            "if [[ $funcstack[1] == _weir ]]; then _weir \"$@\"; else compdef _weir weir; fi\n"));
}

/* --- fish --- */

static void fish_text(struct buf *out, const char *text)
{
    buf_putc(out, '\'');
    for (; *text != 0; text++) {
        if (*text == '\'' || *text == '\\') {
            buf_putc(out, '\\');
        }
        buf_putc(out, *text);
    }
    buf_putc(out, '\'');
}

static void fish_action(struct buf *out, const char *value, const char *words)
{
    bool folder;
    if (options_are_words(value)) {
        buf_add(out, STR(" -x -a '"));
        spaced(out, value);
        buf_add(out, STR("'"));
    } else if (is_path(words, &folder)) {
        buf_add(out, folder ? STR(" -x -a '(__fish_complete_directories)'") : STR(" -r -F"));
    } else if (words != NULL) {
        buf_addf(out, " -x -a '(__weir_names %s)'", words);
    } else {
        buf_add(out, STR(" -x"));
    }
}

static void fish_options(struct buf *out, const struct option *table, const char *condition)
{
    for (; table != NULL && table->kind != OPTION_END; table++) {
        if (!is_shown(table)) {
            continue;
        }
        buf_addf(out, "complete -c weir -n '%s'", condition);
        if (table->letter != 0) {
            buf_addf(out, " -s %c", table->letter);
        }
        if (table->name[1] != 0) {
            buf_addf(out, " -l %s", table->name);
        }
        if (takes_value(table)) {
            fish_action(out, table->value, table->words);
        }
        buf_add(out, STR(" -d "));
        fish_text(out, table->purpose);
        buf_putc(out, '\n');
    }
}

void complete_fish(struct buf *out)
{
    buf_add(out, STR("# fish completion for weir; printed by: weir completion fish\n"
                     "function __weir_command --description 'the command on the line'\n"
                     "    set -l words (commandline -opc)\n"
                     "    set -l skip 1\n"
                     "    for word in $words\n"
                     "        if test $skip -eq 1\n"
                     "            set skip 0\n"
                     "            continue\n"
                     "        end\n"
                     "        switch $word\n"
                     "            case"));
    for (const struct option *o = options_global; o->kind != OPTION_END; o++) {
        char text[OPTION_TEXT];
        if (takes_value(o)) {
            buf_addf(out, " %s", options_text(o, text));
        }
    }
    buf_add(out,
            STR("\n"
                "                set skip 1\n"
                "            case '-*'\n"
                "            case '*'\n"
                "                echo -- $word\n"
                "                return\n"
                "        end\n"
                "    end\n"
                "end\n"
                "function __weir_is --description 'is it one of these commands?'\n"
                "    contains -- (__weir_command) $argv\n"
                "end\n"
                "function __weir_none --description 'is there no command yet?'\n"
                "    test -z \"$(__weir_command)\"\n"
                "end\n"
                "function __weir_names --description 'names of a kind'\n"
                "    command weir completion --words $argv[1] -- (commandline -ct) 2>/dev/null\n"
                "end\n"
                "complete -c weir -f\n"));
    for (const struct option *o = options_global; o->kind != OPTION_END; o++) {
        struct buf condition = {0};
        buf_add(&condition, STR("__weir_none"));
        if (o->of == 0) {
            buf_clear(&condition);
            buf_add(&condition, STR("true"));
        } else {
            buf_add(&condition, STR("; or __weir_is"));
            for (size_t i = 0; command_table_all[i] != NULL; i++) {
                if (!is_hidden(command_table_all[i]) && options_takes(command_table_all[i], o)) {
                    buf_addf(&condition, " %s", command_table_all[i]->name);
                }
            }
        }
        const struct option one[] = {*o, {.kind = OPTION_END}};
        fish_options(out, one, buf_cstr(&condition));
        buf_finish(&condition);
    }
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        const struct command *c = command_table_all[i];
        if (is_hidden(c)) {
            continue;
        }
        buf_addf(out, "complete -c weir -n __weir_none -a %s -d ", c->name);
        fish_text(out, c->purpose);
        buf_putc(out, '\n');
        struct buf condition = {0};
        buf_addf(&condition, "__weir_is %s", c->name);
        for (const struct argument *a = c->arguments; a != NULL && a->name != NULL; a++) {
            if (options_are_words(a->name) || a->words != NULL) {
                buf_addf(out, "complete -c weir -n '%s'", buf_cstr(&condition));
                fish_action(out, a->name, a->words);
                buf_putc(out, '\n');
            }
        }
        fish_options(out, c->options, buf_cstr(&condition));
        buf_finish(&condition);
    }
}

/* --- names --- */

void complete_name(struct buf *out, str text, str prefix)
{
    if (text.n > 0 && str_starts(text, prefix) && str_find_char(text, '\n') == text.n) {
        bool hostile = false;
        for (size_t at = 0; at < text.n && !hostile;) {
            hostile = text_is_hostile(text_next(text, &at));
        }
        if (!hostile) {
            buf_add(out, text);
            buf_putc(out, '\n');
        }
    }
}

static void streams(struct buf *out, str prefix, const struct config *c)
{
    for (size_t i = 0; i < c->streams.n; i++) {
        complete_name(out, c->streams.v[i].name, prefix);
    }
}

static void stages(struct buf *out, str prefix, const struct config *c)
{
    for (size_t i = 0; i < c->streams.n; i++) {
        for (size_t k = 0; k < c->streams.v[i].stages.n; k++) {
            complete_name(out, c->streams.v[i].stages.v[k].name, prefix);
        }
    }
}

static void teams(struct buf *out, str prefix, const struct config *c)
{
    for (size_t i = 0; i < c->teams.n; i++) {
        complete_name(out, c->teams.v[i].name, prefix);
    }
}

static void pools(struct buf *out, str prefix, const struct config *c)
{
    for (size_t i = 0; i < c->pools.n; i++) {
        complete_name(out, c->pools.v[i].name, prefix);
    }
}

static void sources(struct buf *out, str prefix, const struct config *c)
{
    for (size_t i = 0; i < c->sources.n; i++) {
        complete_name(out, c->sources.v[i].name, prefix);
    }
}

static void calendars(struct buf *out, str prefix, const struct config *c)
{
    for (size_t i = 0; i < c->calendars.n; i++) {
        complete_name(out, c->calendars.v[i].name, prefix);
    }
}

static void keys(struct buf *out, str prefix, const struct config *c)
{
    (void)c;
    for (const struct config_key *k = config_schema; k->path != NULL; k++) {
        complete_name(out, str_of(k->path), prefix);
    }
}

static void commands(struct buf *out, str prefix, const struct config *c)
{
    (void)c;
    for (size_t i = 0; command_table_all[i] != NULL; i++) {
        if (!is_hidden(command_table_all[i])) {
            complete_name(out, str_of(command_table_all[i]->name), prefix);
        }
    }
}

static void topics(struct buf *out, str prefix, const struct config *c)
{
    commands(out, prefix, c);
    complete_name(out, STR("json"), prefix);
    for (const struct fault *f = faults; f->id != NULL; f++) {
        complete_name(out, str_of(f->id), prefix);
    }
}

static void shells(struct buf *out, str prefix, const struct config *c)
{
    (void)c;
    complete_name(out, STR("bash"), prefix);
    complete_name(out, STR("fish"), prefix);
    complete_name(out, STR("zsh"), prefix);
}

static void formats(struct buf *out, str prefix, const struct config *c)
{
    static const char *const NAMES[] = {
        "buildbot", "cdevents", "csv",    "delivery", "git",       "github",  "gitlab",  "jenkins",
        "jira",     "mapped",   "ndjson", "ocel",     "pagerduty", "parquet", "redmine", "xes"};
    (void)c;
    for (size_t i = 0; i < sizeof NAMES / sizeof *NAMES; i++) {
        complete_name(out, str_of(NAMES[i]), prefix);
    }
}

void complete_words(struct buf *out, str kind, str prefix, const struct config *config)
{
    static const struct {
        str kind;
        void (*add)(struct buf *out, str prefix, const struct config *c);
    } kinds[] = {
        {STR_INIT("streams"), streams}, {STR_INIT("stages"), stages},
        {STR_INIT("teams"), teams},     {STR_INIT("pools"), pools},
        {STR_INIT("sources"), sources}, {STR_INIT("calendars"), calendars},
        {STR_INIT("keys"), keys},       {STR_INIT("commands"), commands},
        {STR_INIT("topics"), topics},   {STR_INIT("shells"), shells},
        {STR_INIT("formats"), formats},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (str_eq(kind, kinds[i].kind)) {
            kinds[i].add(out, prefix, config);
        }
    }
}
