create index orders_created_at_idx on orders (created_at);

grant select on orders to public;
