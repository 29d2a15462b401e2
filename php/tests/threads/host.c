/*
 * A program with PHP in several of its threads at once, as a threaded web server has it: ThreadsTest runs it, and
 * scripts/try-zts.sh compiles it.
 *
 *     host INI STARTS THREADS REQUESTS SCRIPT [ARGUMENT...]
 *
 * Starts PHP with the file INI as its php.ini, runs SCRIPT as REQUESTS requests in each of THREADS threads, ends PHP, and
 * does all that STARTS times in this one process. The script's $argv is SCRIPT, the thread, the request, ARGUMENT...
 * Exits with 0 if every request did.
 */

/* As PHP itself is compiled. */
#define _GNU_SOURCE

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sapi/embed/php_embed.h>

#ifndef ZTS
#error "this PHP has one thread"
#endif

/* Before the script's own arguments in $argv: script, thread, request. */
#define OWN 3

static int requests;
static char **script;
static int script_length;
static pthread_barrier_t begin;
static atomic_int failures;

static int request(const char *thread, const char *number)
{
    int argc = script_length - 1 + OWN;
    char **argv = calloc(argc + 1, sizeof *argv);
    zend_file_handle file;
    int status;

    argv[0] = script[0];
    argv[1] = (char *) thread;
    argv[2] = (char *) number;
    memcpy(argv + OWN, script + 1, (script_length - 1) * sizeof *argv);
    SG(options) |= SAPI_OPTION_NO_CHDIR;
    SG(request_info).argc = argc;
    SG(request_info).argv = argv;
    if (php_request_startup() == FAILURE) {
        free(argv);
        return 1;
    }
    SG(headers_sent) = 1;
    SG(request_info).no_headers = 1;
    zend_stream_init_filename(&file, script[0]);
    php_execute_script(&file);
    status = EG(exit_status);
    zend_destroy_file_handle(&file);
    php_request_shutdown(NULL);
    free(argv);
    return status;
}

static void *serve(void *name)
{
    char number[16];
    int i, status;

    ts_resource(0);
    pthread_barrier_wait(&begin);
    for (i = 0; i < requests; i++) {
        snprintf(number, sizeof number, "%d", i);
        status = request(name, number);
        if (status != 0) {
            fprintf(stderr, "thread %s, request %d: exit status %d\n", (char *) name, i, status);
            failures++;
        }
    }
    ts_free_thread();
    return NULL;
}

int main(int argc, char **argv)
{
    int starts, threads, start, i;

    if (argc < 6) {
        fputs("host INI STARTS THREADS REQUESTS SCRIPT [ARGUMENT...]\n", stderr);
        return 2;
    }
    starts = atoi(argv[2]);
    threads = atoi(argv[3]);
    requests = atoi(argv[4]);
    script = argv + 5;
    script_length = argc - 5;
    for (start = 0; start < starts; start++) {
        pthread_t *handles = calloc(threads, sizeof *handles);
        char(*names)[16] = calloc(threads, sizeof *names);

        php_embed_module.php_ini_path_override = argv[1];
        if (php_embed_init(0, NULL) == FAILURE) {
            return 3;
        }
        pthread_barrier_init(&begin, NULL, threads);
        for (i = 0; i < threads; i++) {
            snprintf(names[i], sizeof names[i], "%d", i);
            if (pthread_create(&handles[i], NULL, serve, names[i]) != 0) {
                return 4;
            }
        }
        for (i = 0; i < threads; i++) {
            pthread_join(handles[i], NULL);
        }
        pthread_barrier_destroy(&begin);
        php_embed_shutdown();
        free(names);
        free(handles);
    }
    return failures == 0 ? 0 : 1;
}
