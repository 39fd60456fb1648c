#!/usr/bin/env bash
# redmine.sh: a Redmine 5.0.4 to test against, in a folder of its own; it listens on loopback alone.
#
#     redmine.sh make DIR          once, as root: a small Debian in DIR/root with Redmine in it
#     redmine.sh start DIR PORT    prints the administrator's API key when it answers
#     redmine.sh stop DIR
#
# Debian's package of Redmine is unpacked and never installed: its script of installation asks the
# network for gems, fails, and leaves the package database broken.
set -euo pipefail
what=${1:?make, start or stop} dir=$(realpath -m "${2:?folder}")
root=$dir/root
inside() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
    RAILS_ENV=production REDMINE_LANG=en bash -euc "cd /root/redmine 2>/dev/null || cd /root; $1"; }

make_debian() {
    mkdir -p "$dir"
    debootstrap --variant=minbase bookworm "$root"
    cp /etc/resolv.conf "$root/etc/" || true
    cp -r /etc/apt/apt.conf.d /etc/apt/sources.list* "$root/etc/apt/" 2>/dev/null || true
    local needs
    needs=$(apt-cache show redmine | sed -n 's/^Depends: //p' | head -1 | tr ',' '\n' |
        sed 's/|.*//; s/(.*//; s/:any//; s/ //g' | grep -vE '^(dbconfig|debconf|redmine-)' | tr '\n' ' ')
    inside 'apt-get update'
    inside "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends git faketime \
        ruby-sqlite3 puma $needs"
    inside 'apt-get download redmine && dpkg-deb -x redmine_*.deb x'
}

make_redmine() {
    inside 'rm -rf redmine && cp -r x/usr/share/redmine redmine && cd redmine
        rm -rf Gemfile.lock instances config/database.yml
        mkdir -p instances/default/{config,tmp/cache,log,files,public/plugin_assets} tmp log files plugins
        printf "production:\n  adapter: sqlite3\n  database: /root/redmine/redmine.sqlite\n" >config/database.yml
        cp config/database.yml instances/default/config/
        head -c 48 /dev/urandom | base64 -w0 >instances/default/config/secret_key.txt
        sed -i "s|/usr/share/redmine/{config|/root/redmine/{config|" Gemfile
        echo "gem '\''puma'\''" >Gemfile.local
        bundle _2.3.15_ install --local
        bundle _2.3.15_ exec rake db:migrate
        bundle _2.3.15_ exec rake redmine:load_default_data'
    inside 'cat >/root/setup.rb' <<'RUBY'
Setting.rest_api_enabled = '1'
Setting.default_language = 'en'
user = User.find_by_login('admin')
user.must_change_passwd = false
user.save!(validate: false)
File.write('/root/redmine/api_key', user.api_key)
RUBY
    inside 'bundle _2.3.15_ exec rails runner /root/setup.rb'
}

case $what in
make)
    [ -d "$root/root/x" ] || make_debian
    make_redmine
    ;;
start)
    port=${3:?port}
    chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        RAILS_ENV=production bash -c \
        "cd /root/redmine && exec bundle _2.3.15_ exec puma -e production -b tcp://127.0.0.1:$port config.ru" \
        >"$dir/redmine.log" 2>&1 &
    echo $! >"$dir/redmine.pid"
    key=$(cat "$root/root/redmine/api_key")
    for _ in $(seq 120); do
        if curl -sf -o /dev/null -H "X-Redmine-API-Key: $key" \
            "http://127.0.0.1:$port/issue_statuses.json"; then
            echo "$key"
            exit 0
        fi
        kill -0 "$(cat "$dir/redmine.pid")" || break
        sleep 0.5
    done
    tail -20 "$dir/redmine.log" >&2
    exit 1
    ;;
stop)
    kill "$(cat "$dir/redmine.pid")"
    rm -f "$dir/redmine.pid"
    ;;
*)
    echo "redmine.sh: make, start or stop" >&2
    exit 2
    ;;
esac
