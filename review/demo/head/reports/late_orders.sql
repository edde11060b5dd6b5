select
    orders.id,
    shipments.shipped_at
from orders
join shipments on shipments.order_id = shipments.order_id
where shipments.shipped_at::date > orders.created_at::date + 3;
