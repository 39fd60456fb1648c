#include "cmd/complete.h"
#include "cmd/frame.h"
#include "cmd/stored.h"

#include <signal.h>
#include <sys/time.h>
#include <unistd.h>

enum { WORDS_LIMIT_MS = 100 };
#define PATIENCE (WORDS_LIMIT_MS * SECOND / 1000 * 8 / 10) /* the rest is for the answer */

static void too_slow(int signal_number)
{
    (void)signal_number;
    _exit(EXIT_YES); /* nothing was written yet: nothing is completed */
}

/* Someone waits at the keyboard: after 100 ms there is no answer, and never a message. */
static int words(struct command_context *c)
{
    struct sigaction act = {.sa_handler = too_slow};
    sigaction(SIGALRM, &act, NULL);
    struct itimerval timer = {.it_value = {0, WORDS_LIMIT_MS * 1000}};
    setitimer(ITIMER_REAL, &timer, NULL);
    str kind = option_str(c, "words"), prefix = argument_at(c, 0);
    const struct config *before = c->config;
    struct config *config = NULL;
    const char *where = NULL;
    if (frame_config(c, &config, NULL) == OK) {
        c->config = config;
    }
    complete_words(&c->out, kind, prefix, c->config);
    if (c->out.n == 0 && trust_check(c->config, &c->state->trust, NULL) == OK &&
        command_store_path(c, &where, NULL) == OK) {
        stored_names(&c->out, kind, prefix, where, c->state->terminal.environment, PATIENCE);
    }
    c->config = before;
    if (config != NULL) {
        config_free(config);
    }
    timer = (struct itimerval){.it_value = {0, 0}};
    setitimer(ITIMER_REAL, &timer, NULL);
    return EXIT_YES;
}

static int run(struct command_context *c)
{
    str shell = argument_at(c, 0);
    if (option_given(c, "words")) {
        return words(c);
    }
    if (str_eq(shell, STR("bash"))) {
        complete_bash(&c->out);
    } else if (str_eq(shell, STR("zsh"))) {
        complete_zsh(&c->out);
    } else if (str_eq(shell, STR("fish"))) {
        complete_fish(&c->out);
    } else if (shell.n == 0) {
        return command_usage(c, "which shell: bash, zsh or fish?");
    } else {
        return command_usage(c,
                             "there is no completion for \"" STR_FMT "\", only for bash, zsh, fish",
                             STR_ARG(str_first(shell, 80)));
    }
    return EXIT_YES;
}

static const struct argument arguments[] = {
    {"SHELL", "bash, zsh or fish", .optional = true, .words = "shells"},
    {.name = NULL},
};
static const struct option options[] = {
    {OPTION_VALUE, "words", 0, "KIND", NULL, NULL,
     0}, /* asked by the scripts; prefix: the argument */
    {.kind = OPTION_END},
};
static const struct example examples[] = {
    {"weir completion bash > weir.bash", "then in ~/.bashrc:  source PATH/weir.bash"},
    {"weir completion zsh > _weir", "in a folder of $fpath"},
    {"weir completion fish > weir.fish", "in ~/.config/fish/completions"},
    {.line = NULL},
};

const struct command COMMAND_COMPLETION = {
    .name = "completion",
    .purpose = "print the completion script of a shell",
    .description =
        "The script completes commands, options and their words by itself; names of streams, "
        "stages "
        "and the like it asks of weir, which answers within a tenth of a second or not at all.",
    .arguments = arguments,
    .options = options,
    .examples = examples,
    .flags = COMMAND_NO_CONFIG | COMMAND_STORE,
    .group = GROUP_SELF,
    .run = run,
};
