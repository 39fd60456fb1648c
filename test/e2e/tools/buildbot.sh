#!/usr/bin/env bash
# buildbot.sh: a buildbot 3.7 master and worker to test against, on loopback alone.
#
#     buildbot.sh make DIR               once, as root: a small Debian in DIR/root with buildbot in it
#     buildbot.sh start DIR PORT URL     what is built is posted to URL; PORT and PORT+1 are taken
#     buildbot.sh receive DIR PORT FILE  a receiver: appends each delivery to FILE as a line
#     buildbot.sh change DIR PORT REVISION [fail|slow]   a commit that is then built
#     buildbot.sh stop DIR
#
# The state is DIR/root/root/master/state.sqlite.
set -euo pipefail
what=${1:?make, start, receive, change or stop} dir=$(realpath -m "${2:?folder}")
root=$dir/root
become() { exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    bash -euc "cd /root; $1"; }
inside() { (become "$1"); }
wait_for() { # text file
    for _ in $(seq 60); do
        grep -qs "$1" "$2" && return
        sleep 0.5
    done
    tail -n 20 "$2" >&2
    exit 1
}

make_debian() {
    mkdir -p "$dir"
    debootstrap --variant=minbase bookworm "$root"
    cp /etc/resolv.conf "$root/etc/" || true
    cp -r /etc/apt/apt.conf.d /etc/apt/sources.list* "$root/etc/apt/" 2>/dev/null || true
    inside 'apt-get update
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
            buildbot buildbot-worker git'
}

case $what in
make)
    [ -d "$root" ] || make_debian
    inside 'rm -rf master worker && buildbot create-master master >/dev/null
        buildbot-worker create-worker worker 127.0.0.1:9989 w secret >/dev/null'
    cat >"$root/root/master/master.cfg" <<'PYTHON'
import os
from buildbot.plugins import changes, reporters, schedulers, steps, util, worker
from buildbot.reporters.generators.build import BuildStatusGenerator

port, url = int(os.environ['WEIR_PORT']), os.environ['WEIR_URL']


@util.renderer
def command(props):
    branch = props.getProperty('branch') or ''
    if branch == 'slow':
        return ['sleep', '300']
    return ['false'] if branch == 'fail' else ['true']


factory = util.BuildFactory([
    steps.SetProperty(name='checkout', property='got_revision', value=util.Interpolate('%(src::revision)s')),
    steps.ShellCommand(name='test', command=command),
    steps.ShellCommand(name='deploy', command=['true'], doStepIf=lambda s: s.getProperty('branch') == 'main'),
])
c = BuildmasterConfig = {
    'protocols': {'pb': {'port': 'tcp:%d:interface=127.0.0.1' % port}},
    'workers': [worker.Worker('w', 'secret')],
    'change_source': [changes.PBChangeSource(port='tcp:%d:interface=127.0.0.1' % (port + 1), user='c', passwd='c')],
    'builders': [util.BuilderConfig(name='shop ci', workernames=['w'], factory=factory)],
    'schedulers': [schedulers.AnyBranchScheduler(name='all', treeStableTimer=None, builderNames=['shop ci'])],
    # "all" and steps: the default generator leaves out builds that were cancelled or broke
    'services': [reporters.HttpStatusPush(serverUrl=url, headers={'Authorization': 'Bearer secret'}, generators=[
        BuildStatusGenerator(mode='all', report_new=True, message_formatter=reporters.MessageFormatterFunction(
            lambda context: context['build'], 'json', want_steps=True))])],
    'db': {'db_url': 'sqlite:///state.sqlite'},
    'buildbotNetUsageData': None,
    'title': 'test', 'titleURL': 'http://127.0.0.1/', 'buildbotURL': 'http://127.0.0.1/',
}
PYTHON
    ;;
receive)
    cat >"$dir/receive.py" <<'PYTHON'
import datetime, http.server, json, sys


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length'])).decode()
        line = {'received': datetime.datetime.utcnow().isoformat() + 'Z', 'headers': dict(self.headers), 'body': body}
        with open(sys.argv[2], 'a') as out:
            out.write(json.dumps(line) + '\n')
        self.send_response(202)
        self.end_headers()

    def log_message(self, *_):
        pass


http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Receiver).serve_forever()
PYTHON
    python3 "$dir/receive.py" "${3:?port}" "${4:?file}" >"$dir/receive.log" 2>&1 &
    echo $! >"$dir/receive.pid"
    ;;
start)
    port=${3:?port} url=${4:?url}
    sed -i "s/^port = .*/port = $port/" "$root/root/worker/buildbot.tac"
    rm -f "$root"/root/{master,worker}/twistd.{log,pid}
    become "cd master && export WEIR_PORT=$port WEIR_URL=${url%/} && exec buildbot start --nodaemon ." \
        >"$dir/master.log" 2>&1 &
    echo $! >"$dir/master.pid"
    wait_for 'BuildMaster is running' "$root/root/master/twistd.log"
    become "cd worker && exec buildbot-worker start --nodaemon ." >"$dir/worker.log" 2>&1 &
    echo $! >"$dir/worker.pid"
    wait_for 'Connected to buildmaster; worker is ready' "$root/root/worker/twistd.log"
    ;;
change)
    port=${3:?port} revision=${4:?revision} branch=${5:-main}
    inside "buildbot sendchange --master 127.0.0.1:$((port + 1)) --auth c:c --who 'A <a@example>' \
        --repository https://git.example/acme/shop.git --branch $branch --revision $revision x.c" >/dev/null
    ;;
stop)
    for name in worker master receive; do
        if [ -f "$dir/$name.pid" ]; then
            kill "$(cat "$dir/$name.pid")" 2>/dev/null || true
            rm -f "$dir/$name.pid"
        fi
    done
    ;;
*)
    echo "buildbot.sh: make, start, receive, change or stop" >&2
    exit 2
    ;;
esac
