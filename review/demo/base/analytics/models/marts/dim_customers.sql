select
    customer_id,
    min(created_at) as first_order_at,
    count(*) as orders
from {{ ref('stg_orders') }}
group by customer_id
